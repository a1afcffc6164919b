package storetest

import (
	"errors"
	"fmt"
	"time"

	"github.com/keylodge/keylodge/internal/secret"
	"github.com/keylodge/keylodge/internal/workspace"
)

var tokenTests = map[string]func(*fixture){
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
	"a person's tokens go with the messages that would make another": func(f *fixture) {
		m := f.addMember(1, 1, workspace.RoleOwner)
		message := testMessage(1, m.WorkspaceID, "new.example")
		message.Kind, message.UserID = workspace.MessageEmail, m.UserID
		f.queue(message, testMessage(2, m.WorkspaceID, "new.example"))
		f.update(func(tx workspace.Tx) error {
			return tx.DeleteOneTimeTokens(f.ctx,
				workspace.OneTimeTokenFilter{Purpose: workspace.PurposeEmail, UserID: m.UserID})
		})
		equal(f, "the other message", f.claim(f, m.WorkspaceID, "new.example", epoch).ID, "msg_0002")
		equal(f, "the link", f.claim(f, m.WorkspaceID, "new.example", epoch).ID, "")
	},
	"a one-time token that many use at once works for one": func(f *fixture) {
		token := testToken(1, workspace.PurposeSetup, "")
		f.update(func(tx workspace.Tx) error { return tx.InsertOneTimeToken(f.ctx, token) })
		stores := f.writers(20)
		errs := all(len(stores), func(i int) error {
			return stores[i].Update(f.ctx, func(tx workspace.Tx) error {
				_, err := tx.UseOneTimeToken(f.ctx, token.Purpose, token.Digest)
				return err
			})
		})
		equal(f, "worked", f.succeeded(errs, workspace.NotFound), 1)
	},
	"no session and no token outlives the credentials that it rests on": func(f *fixture) {
		m := f.addMember(1, 1, workspace.RoleAdmin)
		const signingIn, rounds = 7, 12
		stores := f.writers(signingIn + 1)
		for round := range rounds {
			done := f.succeeded(all(signingIn+1, func(i int) error {
				return stores[i].Update(f.ctx, func(tx workspace.Tx) error {
					if i == signingIn {
						err := tx.UpdateUser(f.ctx, m.UserID, workspace.UserUpdate{RaiseCredentials: true})
						if err != nil {
							return err
						}
						return errors.Join(
							tx.DeleteOneTimeTokens(f.ctx, workspace.OneTimeTokenFilter{UserID: m.UserID}),
							tx.DeleteSessions(f.ctx, workspace.SessionFilter{UserID: m.UserID}))
					}
					if err := tx.HoldCredentials(f.ctx, m.UserID, int64(round)); err != nil {
						return err
					}
					n := round*signingIn + i
					return errors.Join(tx.InsertSession(f.ctx, testSession(n, m)),
						tx.InsertOneTimeToken(f.ctx, testToken(n, workspace.PurposeSignIn, m.UserID)))
				})
			}), workspace.NotFound)
			if done == 0 {
				f.Fatal("the credentials were not raised")
			}
			for i := range signingIn {
				n := round*signingIn + i
				if _, err := f.OneTimeToken(f.ctx, workspace.PurposeSignIn, testToken(n, "", "").Digest); err == nil ||
					f.signedIn(testSession(n, m)) {
					f.Fatalf("round %d: a sign-in by the old credentials is left", round)
				}
			}
		}
	},
}

func testToken(n int, p workspace.Purpose, userID string) workspace.OneTimeToken {
	return workspace.OneTimeToken{Digest: secret.DigestOf(fmt.Sprint("token ", n)), Purpose: p, UserID: userID,
		CreatedAt: epoch}
}
