package storetest

import (
	"fmt"
	"time"

	"github.com/keylodge/keylodge/internal/secret"
	"github.com/keylodge/keylodge/internal/workspace"
)

// provenAt are moments at which people proved who they are; zero: nobody said.
var provenAt = []time.Time{epoch, {}, epoch.Add(-time.Hour)}

func testSession(n int, m workspace.Member) workspace.Session {
	return workspace.Session{
		Digest: secret.DigestOf(fmt.Sprint("session ", n)), WorkspaceID: m.WorkspaceID, UserID: m.UserID,
		CreatedAt: epoch, SeenAt: epoch, ProvenAt: provenAt[n%len(provenAt)], Address: "192.0.2.1",
		UserAgent: "Mozilla/5.0 (" + names[n%len(names)] + ")",
	}
}

func testToken(n int, p workspace.Purpose, userID string) workspace.OneTimeToken {
	return workspace.OneTimeToken{Digest: secret.DigestOf(fmt.Sprint("token ", n)), Purpose: p, UserID: userID,
		CreatedAt: epoch}
}

// signedIn says whether the session is there.
func (f *fixture) signedIn(s workspace.Session) bool {
	f.Helper()
	_, _, err := f.SessionMember(f.ctx, s.WorkspaceID, s.Digest)
	if err != nil {
		f.kind(err, workspace.NotFound)
	}
	return err == nil
}

var signInTests = map[string]func(*fixture){
	"a session comes back with its member, in its workspace only": func(f *fixture) {
		m, elsewhere := f.addMember(1, 1, workspace.RoleAdmin), f.addMember(2, 1, workspace.RoleMember)
		for n := range len(names) {
			s := testSession(n, m)
			f.update(func(tx workspace.Tx) error { return tx.InsertSession(f.ctx, s) })
			got, member, err := f.SessionMember(f.ctx, m.WorkspaceID, s.Digest)
			f.must(err)
			equal(f, "session", got, s)
			equal(f, "member", member, m)
			_, _, err = f.SessionMember(f.ctx, elsewhere.WorkspaceID, s.Digest)
			f.kind(err, workspace.NotFound)
		}
	},
	"an invitation replaces the one to the same email and returns it": func(f *fixture) {
		m := f.addMember(1, 1, workspace.RoleOwner)
		invitation := func(n int, role workspace.Role) workspace.Invitation {
			return workspace.Invitation{
				ID: fmt.Sprint("inv_", n), WorkspaceID: m.WorkspaceID, Email: "ceo@acme.example", Role: role,
				Digest: secret.DigestOf(fmt.Sprint("invitation ", n)), InvitedBy: m.UserID, CreatedAt: epoch,
				ExpiresAt: epoch.Add(time.Hour),
			}
		}
		var before workspace.Invitation
		for n, role := range []workspace.Role{workspace.RoleOwner, workspace.RoleDeveloper} {
			f.update(func(tx workspace.Tx) error {
				replaced, err := tx.PutInvitation(f.ctx, invitation(n, role))
				equal(f, "the replaced invitation", replaced, before)
				return err
			})
			before = invitation(n, role)
		}
		open, err := f.Invitations(f.ctx, m.WorkspaceID, 10)
		f.must(err)
		equal(f, "open invitations", open, []workspace.Invitation{before})
	},
	"invitations to one email at once never replace one unseen": func(f *fixture) {
		const writers = 8
		m := f.addMember(1, 1, workspace.RoleOwner)
		stores, replaced := f.writers(writers), make([]string, writers)
		made := f.succeeded(all(writers, func(n int) error {
			return stores[n].Update(f.ctx, func(tx workspace.Tx) error {
				before, err := tx.PutInvitation(f.ctx, workspace.Invitation{
					ID: fmt.Sprint("inv_", n), WorkspaceID: m.WorkspaceID, Email: "ceo@acme.example",
					Role:   workspace.RoleOwner,
					Digest: secret.DigestOf(fmt.Sprint("invitation ", n)), CreatedAt: epoch,
					ExpiresAt: epoch.Add(time.Hour),
				})
				replaced[n] = before.ID
				return err
			})
		}), workspace.Conflict)
		seen := map[string]bool{}
		for _, id := range replaced {
			if id != "" {
				seen[id] = true
			}
		}
		if len(seen) != made-1 {
			f.Errorf("%d invitations were made and %d seen to be replaced", made, len(seen))
		}
	},
	"a browser that calls itself anything can sign in": func(f *fixture) {
		s := testSession(1, f.addMember(1, 1, workspace.RoleAdmin))
		s.UserAgent = "caf\xe9\x00"
		f.update(func(tx workspace.Tx) error { return tx.InsertSession(f.ctx, s) })
		got, _, err := f.SessionMember(f.ctx, s.WorkspaceID, s.Digest)
		f.must(err)
		equal(f, "what it called itself", got.UserAgent, "caf\uFFFD\uFFFD")
	},
	"a touch moves a session forward and never back": func(f *fixture) {
		s := testSession(1, f.addMember(1, 1, workspace.RoleAdmin))
		f.update(func(tx workspace.Tx) error { return tx.InsertSession(f.ctx, s) })
		for _, seen := range []time.Duration{time.Minute, 3 * time.Minute, 2 * time.Minute} {
			f.update(func(tx workspace.Tx) error {
				return tx.UpdateSession(f.ctx, s.Digest, workspace.SessionUpdate{SeenAt: epoch.Add(seen)})
			})
		}
		got, _, err := f.SessionMember(f.ctx, s.WorkspaceID, s.Digest)
		f.must(err)
		equal(f, "seen", got.SeenAt, epoch.Add(3*time.Minute))
	},
	"sessions end one by one, by person, and by age": func(f *fixture) {
		anna, here, there := f.addMember(1, 1, workspace.RoleAdmin), f.addMember(1, 2, workspace.RoleAdmin),
			f.addMember(2, 2, workspace.RoleAdmin)
		sessions := []workspace.Session{testSession(0, anna), testSession(1, anna), testSession(2, here),
			testSession(3, there), testSession(4, anna), testSession(5, anna)}
		sessions[4].SeenAt, sessions[5].CreatedAt = epoch.Add(-time.Hour), epoch.Add(-24*time.Hour)
		f.update(func(tx workspace.Tx) error {
			for _, s := range sessions {
				f.must(tx.InsertSession(f.ctx, s))
			}
			f.must(tx.DeleteSessions(f.ctx, workspace.SessionFilter{Digest: sessions[0].Digest}))
			f.must(tx.DeleteSessions(f.ctx, workspace.SessionFilter{UserID: here.UserID}))
			return f.prune(tx, workspace.Retention{
				SessionsSeen: epoch.Add(-time.Minute), SessionsBegun: epoch.Add(-8 * time.Hour),
			})
		})
		var got []bool
		for _, s := range sessions {
			got = append(got, f.signedIn(s))
		}
		equal(f, "who is signed in", got, []bool{false, true, false, false, false, false})
	},
	"a one-time token works once, and for its purpose": func(f *fixture) {
		m := f.addMember(1, 1, workspace.RoleOwner)
		token := testToken(1, workspace.PurposePasswordReset, m.UserID)
		token.ExpiresAt = epoch.Add(time.Hour)
		f.update(func(tx workspace.Tx) error { return tx.InsertOneTimeToken(f.ctx, token) })
		f.kind(f.Update(f.ctx, func(tx workspace.Tx) error {
			_, err := tx.UseOneTimeToken(f.ctx, workspace.PurposeSetup, token.Digest)
			return err
		}), workspace.NotFound)
		got, err := f.OneTimeToken(f.ctx, token.Purpose, token.Digest)
		f.must(err)
		equal(f, "token", got, token)
		f.update(func(tx workspace.Tx) error {
			got, err := tx.UseOneTimeToken(f.ctx, token.Purpose, token.Digest)
			equal(f, "used token", got, token)
			return err
		})
		_, err = f.OneTimeToken(f.ctx, token.Purpose, token.Digest)
		f.kind(err, workspace.NotFound)
	},
	"one-time tokens go by purpose and person": func(f *fixture) {
		anna, ben := f.addMember(1, 1, workspace.RoleOwner), f.addMember(1, 2, workspace.RoleOwner)
		tokens := []workspace.OneTimeToken{
			testToken(0, workspace.PurposeSetup, ""), testToken(1, workspace.PurposePasswordReset, anna.UserID),
			testToken(2, workspace.PurposePasswordReset, ben.UserID),
		}
		left := func() (n []int) {
			for i, token := range tokens {
				if _, err := f.OneTimeToken(f.ctx, token.Purpose, token.Digest); err == nil {
					n = append(n, i)
				}
			}
			return n
		}
		f.update(func(tx workspace.Tx) error {
			for _, token := range tokens {
				f.must(tx.InsertOneTimeToken(f.ctx, token))
			}
			return tx.DeleteOneTimeTokens(f.ctx,
				workspace.OneTimeTokenFilter{Purpose: workspace.PurposePasswordReset, UserID: anna.UserID})
		})
		equal(f, "tokens left", left(), []int{0, 2})
		f.update(func(tx workspace.Tx) error {
			return tx.DeleteOneTimeTokens(f.ctx, workspace.OneTimeTokenFilter{Purpose: workspace.PurposeSetup})
		})
		equal(f, "tokens left", left(), []int{2})
	},
	"credentials are held by their version, and raised one by one": func(f *fixture) {
		m, other := f.addMember(1, 1, workspace.RoleOwner), f.addMember(1, 2, workspace.RoleOwner)
		hold := func(userID string, version int64) error {
			return f.Update(f.ctx, func(tx workspace.Tx) error { return tx.HoldCredentials(f.ctx, userID, version) })
		}
		f.must(hold(m.UserID, 0))
		f.kind(hold(m.UserID, 1), workspace.NotFound)
		f.update(func(tx workspace.Tx) error {
			version, err := tx.RaiseCredentials(f.ctx, m.UserID)
			equal(f, "raised to", version, 1)
			return err
		})
		f.kind(hold(m.UserID, 0), workspace.NotFound)
		f.must(hold(m.UserID, 1))
		f.must(hold(other.UserID, 0))
		f.kind(hold("usr_nobody", 0), workspace.NotFound)
		user, err := f.User(f.ctx, workspace.UserLookup{ID: m.UserID})
		f.must(err)
		equal(f, "the user's version", user.CredentialVersion, 1)
		s := testSession(1, m)
		f.update(func(tx workspace.Tx) error { return tx.InsertSession(f.ctx, s) })
		got, _, err := f.SessionMember(f.ctx, s.WorkspaceID, s.Digest)
		f.must(err)
		equal(f, "the session's version", got.CredentialVersion, 1)
	},
	"all tokens of a person, and all sessions but one, go at once": func(f *fixture) {
		anna, ben := f.addMember(1, 1, workspace.RoleOwner), f.addMember(1, 2, workspace.RoleOwner)
		kept, ended, bens := testSession(0, anna), testSession(1, anna), testSession(2, ben)
		f.update(func(tx workspace.Tx) error {
			for n, p := range []workspace.Purpose{workspace.PurposeEmail, workspace.PurposeSignIn,
				workspace.PurposeNewPasskey} {
				f.must(tx.InsertOneTimeToken(f.ctx, testToken(n, p, anna.UserID)))
			}
			f.must(tx.InsertOneTimeToken(f.ctx, testToken(3, workspace.PurposeEmail, ben.UserID)))
			f.must(tx.InsertOneTimeToken(f.ctx, testToken(4, workspace.PurposeSetup, "")))
			for _, s := range []workspace.Session{kept, ended, bens} {
				f.must(tx.InsertSession(f.ctx, s))
			}
			f.must(tx.DeleteSessions(f.ctx, workspace.SessionFilter{UserID: anna.UserID, Except: kept.Digest}))
			return tx.DeleteOneTimeTokens(f.ctx, workspace.OneTimeTokenFilter{UserID: anna.UserID})
		})
		var left []int
		for n, p := range []workspace.Purpose{workspace.PurposeEmail, workspace.PurposeSignIn,
			workspace.PurposeNewPasskey, workspace.PurposeEmail, workspace.PurposeSetup} {
			if _, err := f.OneTimeToken(f.ctx, p, testToken(n, p, "").Digest); err == nil {
				left = append(left, n)
			}
		}
		equal(f, "tokens left", left, []int{3, 4})
		equal(f, "sessions left", []bool{f.signedIn(kept), f.signedIn(ended), f.signedIn(bens)},
			[]bool{true, false, true})
	},
	"failures add up, are forgiven, and start again when they are old": func(f *fixture) {
		const subject = "address:192.0.2.1"
		count := func(at time.Duration) (t workspace.Throttle) {
			f.update(func(tx workspace.Tx) (err error) {
				t, err = workspace.CountFailure(f.ctx, tx, subject, epoch.Add(at), epoch.Add(at-time.Hour))
				return err
			})
			return t
		}
		none := f.throttle(subject)
		equal(f, "before any", none.Failures, 0)
		count(0)
		equal(f, "the second", count(time.Minute),
			workspace.Throttle{Subject: subject, Failures: 2, LastFailed: epoch.Add(time.Minute)})
		until := epoch.Add(5 * time.Minute)
		f.block(subject, until)
		equal(f, "the third", count(2*time.Minute), workspace.Throttle{Subject: subject, Failures: 3,
			LastFailed: epoch.Add(2 * time.Minute), BlockedUntil: until})
		f.update(func(tx workspace.Tx) error { return workspace.ForgiveFailure(f.ctx, tx, subject) })
		got := f.throttle(subject)
		equal(f, "forgiven", got,
			workspace.Throttle{Subject: subject, Failures: 2, LastFailed: epoch.Add(2 * time.Minute)})
		equal(f, "after a long time", count(3*time.Hour).Failures, 1)
		f.update(func(tx workspace.Tx) error { return tx.PutThrottle(f.ctx, workspace.Throttle{Subject: subject}) })
		equal(f, "after it is deleted", count(3*time.Hour).Failures, 1)
	},
	"forgiving what never failed is no failure, and counts nothing": func(f *fixture) {
		f.update(func(tx workspace.Tx) error { return workspace.ForgiveFailure(f.ctx, tx, "x") })
		got := f.throttle("x")
		equal(f, "failures", got.Failures, 0)
	},
	"old throttles go, unless they still block": func(f *fixture) {
		f.update(func(tx workspace.Tx) error {
			for subject, failed := range map[string]time.Duration{"old": -2 * time.Hour, "blocked": -2 * time.Hour,
				"fresh": 0} {
				_, err := workspace.CountFailure(f.ctx, tx, subject, epoch.Add(failed), epoch.Add(failed))
				f.must(err)
			}
			return nil
		})
		f.block("blocked", epoch.Add(time.Hour))
		f.update(func(tx workspace.Tx) error {
			return f.prune(tx, workspace.Retention{Throttles: epoch.Add(-time.Hour)})
		})
		for subject, want := range map[string]int{"old": 0, "blocked": 1, "fresh": 1} {
			got := f.throttle(subject)
			equal(f, subject, got.Failures, want)
		}
	},
	"a known device is one person's": func(f *fixture) {
		anna, ben := f.addMember(1, 1, workspace.RoleOwner), f.addMember(1, 2, workspace.RoleOwner)
		device := secret.DigestOf("device")
		for range 2 {
			f.update(func(tx workspace.Tx) error {
				return tx.InsertKnownDevice(f.ctx,
					workspace.KnownDevice{UserID: anna.UserID, Digest: device, CreatedAt: epoch}, 10)
			})
		}
		for user, want := range map[string]bool{anna.UserID: true, ben.UserID: false} {
			got, err := f.KnownDevice(f.ctx, user, device)
			f.must(err)
			equal(f, user, got, want)
		}
	},
	"a second factor is one, and a code of it works once": func(f *fixture) {
		m := f.addMember(1, 1, workspace.RoleOwner)
		factor := workspace.TOTP{UserID: m.UserID, Secret: []byte{0, 1, 0xff}, LastStep: 7, CreatedAt: epoch}
		codes := []secret.Digest{secret.DigestOf("a"), secret.DigestOf("b")}
		f.update(func(tx workspace.Tx) error {
			f.must(tx.PutTOTP(f.ctx, workspace.TOTP{UserID: m.UserID, Secret: []byte("old"), CreatedAt: epoch}))
			f.must(tx.PutTOTP(f.ctx, factor))
			return tx.PutRecoveryCodes(f.ctx, m.UserID, codes)
		})
		got, err := f.TOTP(f.ctx, m.UserID)
		f.must(err)
		equal(f, "factor", got, factor)
		f.update(func(tx workspace.Tx) error {
			for _, c := range []struct {
				step int64
				want bool
			}{{7, false}, {8, true}, {8, false}, {6, false}} {
				used, err := tx.UseTOTPStep(f.ctx, m.UserID, c.step)
				f.must(err)
				equal(f, fmt.Sprint("step ", c.step), used, c.want)
			}
			for _, want := range []bool{true, false} {
				used, err := tx.UseRecoveryCode(f.ctx, m.UserID, codes[0])
				f.must(err)
				equal(f, "code", used, want)
			}
			return nil
		})
		left, err := f.RecoveryCodes(f.ctx, m.UserID)
		f.must(err)
		equal(f, "codes left", left, 1)
		f.update(func(tx workspace.Tx) error { return tx.DeleteTOTP(f.ctx, m.UserID) })
		f.kind(f.Update(f.ctx, func(tx workspace.Tx) error { return tx.DeleteTOTP(f.ctx, m.UserID) }),
			workspace.NotFound)
	},
	"a passkey comes back as it went in, and is its owner's": func(f *fixture) {
		m, other := f.addMember(1, 1, workspace.RoleOwner), f.addMember(1, 2, workspace.RoleOwner)
		p := workspace.Passkey{ID: "psk_1", UserID: m.UserID, Credential: []byte{0, 0xff}, Site: "localhost",
			Name: names[1], Data: `{"a":1}`, CreatedAt: epoch}
		f.update(func(tx workspace.Tx) error { return tx.InsertPasskey(f.ctx, p) })
		again := p
		again.ID, again.UserID = "psk_2", other.UserID
		f.kind(f.Update(f.ctx, func(tx workspace.Tx) error { return tx.InsertPasskey(f.ctx, again) }),
			workspace.Conflict)
		p.Data, p.UsedAt = `{"a":2}`, epoch.Add(time.Hour)
		f.update(func(tx workspace.Tx) error { return tx.UsePasskey(f.ctx, p.ID, p.Data, p.UsedAt) })
		got, err := f.PasskeyByCredential(f.ctx, p.Credential)
		f.must(err)
		equal(f, "by credential", got, p)
		all, err := f.Passkeys(f.ctx, m.UserID)
		f.must(err)
		equal(f, "of its owner", all, []workspace.Passkey{p})
		foreign := func(tx workspace.Tx) error {
			_, err := tx.DeletePasskey(f.ctx, other.UserID, p.ID)
			return err
		}
		f.kind(f.Update(f.ctx, foreign), workspace.NotFound)
		f.update(func(tx workspace.Tx) error {
			_, err := tx.DeletePasskey(f.ctx, m.UserID, p.ID)
			return err
		})
		f.kind(f.Update(f.ctx, func(tx workspace.Tx) error { return tx.UsePasskey(f.ctx, p.ID, "", epoch) }),
			workspace.NotFound)
	},
	"what a workspace requires of sign-ins comes back": func(f *fixture) {
		f.addMember(1, 1, workspace.RoleOwner)
		policy := workspace.SignInPolicy{Require: workspace.RequirePasskey, From: epoch}
		f.update(func(tx workspace.Tx) error {
			return tx.UpdateWorkspace(f.ctx, testWorkspace(1).ID, workspace.WorkspaceUpdate{SignInPolicy: &policy})
		})
		w, err := f.Workspace(f.ctx, workspace.WorkspaceLookup{Slug: testWorkspace(1).Slug})
		f.must(err)
		equal(f, "policy", w.SignIn, policy)
	},
	"links that were never used are swept": func(f *fixture) {
		m := f.addMember(1, 1, workspace.RoleOwner)
		old, live := testToken(1, workspace.PurposeSignIn, m.UserID), testToken(2, workspace.PurposeSignIn, m.UserID)
		old.ExpiresAt, live.ExpiresAt, live.Data = epoch, epoch.Add(time.Hour), "kept"
		f.update(func(tx workspace.Tx) error {
			f.must(tx.InsertOneTimeToken(f.ctx, old))
			f.must(tx.InsertOneTimeToken(f.ctx, live))
			return f.prune(tx, workspace.Retention{OneTimeTokens: epoch.Add(time.Minute)})
		})
		_, err := f.OneTimeToken(f.ctx, old.Purpose, old.Digest)
		f.kind(err, workspace.NotFound)
		got, err := f.OneTimeToken(f.ctx, live.Purpose, live.Digest)
		f.must(err)
		equal(f, "the other", got, live)
	},
}

// bare returns events without what a list shows beside them and without their
// places in their chains.
func bare(listed []workspace.ListedEvent) (events []workspace.Event) {
	for _, e := range listed {
		e.Number, e.Hash = 0, secret.Digest{}
		events = append(events, e.Event)
	}
	return events
}

var eventTests = map[string]func(*fixture){
	"events come back as they went in, the newest first, of one workspace": func(f *fixture) {
		m, other := f.addMember(1, 1, workspace.RoleOwner), f.addMember(2, 1, workspace.RoleOwner)
		var want []workspace.Event
		f.update(func(tx workspace.Tx) error {
			for n, name := range names {
				e := workspace.Event{
					ID: fmt.Sprintf("evt_%020d", n), WorkspaceID: m.WorkspaceID,
					At:        epoch.Add(time.Duration(n/2) * time.Second),
					ActorKind: workspace.ActorPerson, ActorID: m.UserID, Action: workspace.ActionKeyAdded,
					TargetID: "key_x",
					Details:  map[string]string{"name": name, "hint": "kl_abcd…wxyz"}, Address: "192.0.2.1",
					RequestID: "r",
				}
				f.must(tx.InsertEvent(f.ctx, e))
				want = append([]workspace.Event{e}, want...)
			}
			f.must(tx.InsertEvent(f.ctx, workspace.Event{ID: "evt_other", WorkspaceID: other.WorkspaceID, At: epoch,
				Details: map[string]string{}}))
			return tx.InsertEvent(f.ctx, workspace.Event{ID: "evt_none", At: epoch, ActorKind: workspace.ActorStranger,
				Action: workspace.ActionSignInRefused})
		})
		got, err := f.Events(f.ctx, workspace.EventQuery{WorkspaceID: m.WorkspaceID, Limit: 100})
		f.must(err)
		equal(f, "events", bare(got), want)
		got, err = f.Events(f.ctx, workspace.EventQuery{WorkspaceID: m.WorkspaceID, Limit: 3})
		f.must(err)
		equal(f, "the newest three", bare(got), want[:3])
		got, err = f.Events(f.ctx, workspace.EventQuery{WorkspaceID: m.WorkspaceID, After: want[1].ID, Limit: 2})
		f.must(err)
		equal(f, "those after the second", bare(got), want[2:min(4, len(want))])
	},
	"an event of a transaction that fails is not written": func(f *fixture) {
		m := f.addMember(1, 1, workspace.RoleOwner)
		f.Update(f.ctx, func(tx workspace.Tx) error {
			f.must(tx.InsertEvent(f.ctx, workspace.Event{ID: "evt_1", WorkspaceID: m.WorkspaceID, At: epoch}))
			return errTest
		})
		got, err := f.Events(f.ctx, workspace.EventQuery{WorkspaceID: m.WorkspaceID, Limit: 10})
		f.must(err)
		equal(f, "events", len(got), 0)
	},
}

// throttle returns the throttle of a subject.
func (f *fixture) throttle(subject string) (t workspace.Throttle) {
	f.Helper()
	f.update(func(tx workspace.Tx) (err error) {
		if t, err = tx.HoldThrottle(f.ctx, subject); err != nil {
			return err
		}
		return workspace.ErrNothingChanged
	})
	return t
}

// block blocks a subject that has failures.
func (f *fixture) block(subject string, until time.Time) {
	f.Helper()
	f.update(func(tx workspace.Tx) error {
		t, err := tx.HoldThrottle(f.ctx, subject)
		if err != nil {
			return err
		}
		t.BlockedUntil = until
		return tx.PutThrottle(f.ctx, t)
	})
}
