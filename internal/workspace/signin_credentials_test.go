package workspace_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/keylodge/keylodge/internal/secret"
	"github.com/keylodge/keylodge/internal/totp"
	"github.com/keylodge/keylodge/internal/workspace"
)

// stranger is the actor of a user who signs in.
func (o *office) stranger() workspace.Actor {
	return workspace.Actor{Kind: workspace.ActorStranger, WorkspaceID: o.acme.ID, IP: "192.0.2.1"}
}

// addPasskey gives a session's user a passkey, and returns it as package
// passkey finds it when it is used.
func (o *office) addPasskey(in workspace.SignedInSession, credential string) workspace.Passkey {
	o.Helper()
	actor := o.actorOf(in)
	err := o.AddPasskey(o.Context(), actor, o.row(in),
		workspace.Passkey{UserID: actor.UserID, Credential: []byte(credential)}, "Laptop")
	if err != nil {
		o.Fatal(err)
	}
	return o.passkey(credential)
}

func (o *office) passkey(credential string) workspace.Passkey {
	o.Helper()
	p, err := o.PasskeyOf(o.Context(), []byte(credential))
	if err != nil {
		o.Fatal(err)
	}
	return p
}

func TestARequestInFlightChangesNothingAfterAReset(t *testing.T) {
	o := newOffice(t)
	o.withMail()
	in := o.session()
	actor, row := o.actorOf(in), o.row(in)
	o.reset("dana@acme.example", newPassword)
	app := authenticator{totp.NewSecret()}
	for what, change := range map[string]func() error{
		"adding an authenticator app": func() error {
			_, err := o.AddTOTP(t.Context(), actor, row, app.secret, app.code(o.clock))
			return err
		},
		"adding a passkey": func() error {
			return o.AddPasskey(t.Context(), actor, row,
				workspace.Passkey{UserID: actor.UserID, Credential: []byte("x")}, "X")
		},
		"linking a provider": func() error {
			return o.LinkIdentity(t.Context(), actor,
				workspace.ProviderAnswer{Provider: workspace.Provider{Issuer: "https://id.example"}, Subject: "x"})
		},
		"changing the address": func() error {
			return o.AskToChangeEmail(t.Context(), actor, "mallory@evil.example")
		},
	} {
		expectKind(t, what, change(), workspace.Conflict)
	}
	_, err := o.ChangePassword(t.Context(), workspace.SignInRequest{Actor: actor},
		workspace.PasswordChange{Current: newPassword, New: "another good passphrase"})
	expectKind(t, "changing the password", err, workspace.Unauthenticated)
	_, err = o.StepUpByPassword(t.Context(), workspace.SignInRequest{Actor: actor,
		Member: workspace.Member{UserID: actor.UserID, Email: "dana@acme.example"}}, newPassword)
	expectKind(t, "confirming in a session from before", err, workspace.Unauthenticated)
	ways, err := o.SignInMethods(t.Context(), actor)
	if err != nil || ways.HasFactor() || len(ways.Identities) > 0 {
		t.Errorf("the account has %+v, %v", ways, err)
	}
}

func TestASessionThatHasEndedAddsNoFactor(t *testing.T) {
	o := newOffice(t)
	in, other := o.session(), o.session()
	actor, row := o.actorOf(in), o.row(in)
	if err := o.EndOtherSessions(t.Context(), o.actorOf(other), o.row(other)); err != nil {
		t.Fatal(err)
	}
	app := authenticator{totp.NewSecret()}
	_, err := o.AddTOTP(t.Context(), actor, row, app.secret, app.code(o.clock))
	expectKind(t, "adding an authenticator app", err, workspace.Unauthenticated)
	err = o.LinkIdentity(t.Context(), actor,
		workspace.ProviderAnswer{Provider: workspace.Provider{Issuer: "https://id.example"}, Subject: "x"})
	expectKind(t, "linking a provider", err, workspace.Unauthenticated)
}

func TestACodeInFlightProlongsNoSessionAfterAReset(t *testing.T) {
	o := newOffice(t)
	app, codes := o.protect()
	o.clock = o.clock.Add(time.Hour)
	in, err := o.FinishSignIn(t.Context(), workspace.SignInRequest{Actor: o.stranger()},
		workspace.SignInCode{Token: o.await(), Code: app.code(o.clock)})
	if err != nil {
		t.Fatal(err)
	}
	actor := o.actorOf(in)
	o.reset("dana@acme.example", newPassword)
	_, err = o.StepUpByCode(t.Context(), workspace.SignInRequest{Actor: actor, Member: in.Member}, codes[0])
	expectKind(t, "a recovery code in a session from before", err, workspace.Unauthenticated)
	if f, err := o.SecondFactor(t.Context(), actor); err != nil || f.CodesLeft != len(codes) {
		t.Errorf("%d recovery codes left, %v", f.CodesLeft, err)
	}
}

func TestARemovedPasskeyInFlightSignsNobodyIn(t *testing.T) {
	o := newOffice(t)
	in := o.session()
	o.addPasskey(in, "lost")
	o.addPasskey(in, "kept")
	answered := o.passkey("lost")
	if err := o.RemovePasskey(t.Context(), o.actorOf(in), answered.ID); err != nil {
		t.Fatal(err)
	}
	_, err := o.SignInByPasskey(t.Context(), workspace.SignInRequest{Actor: o.stranger()}, answered)
	expectKind(t, "the removed passkey", err, workspace.Unauthenticated)
	_, err = o.SignInByPasskey(t.Context(), workspace.SignInRequest{Actor: o.stranger()}, o.passkey("kept"))
	if err != nil {
		t.Errorf("the other passkey: %v", err)
	}
	if err := o.RemovePasskeysOf(t.Context(), "dana@acme.example"); err != nil {
		t.Fatal(err)
	}
	expectKind(t, "removing none", o.RemovePasskeysOf(t.Context(), "dana@acme.example"), workspace.NotFound)
}

func TestAnOldPasswordInFlightAcceptsNoInvitation(t *testing.T) {
	o := newOffice(t)
	other, boss, err := o.CreateWorkspace(t.Context(),
		workspace.NewWorkspace{Name: "Other", Slug: "other", OwnerEmail: "boss@other.example"})
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		o.clock = o.clock.Add(25 * time.Hour)
		before, after := o.current(), o.other()
		inviter := workspace.Actor{Kind: workspace.ActorPerson, WorkspaceID: other.ID, UserID: boss.UserID,
			ProvenAt: o.clock}
		invited, err := o.Invite(t.Context(), inviter, []string{"dana@acme.example"}, workspace.RoleDeveloper)
		if err != nil || invited[0].Token == "" {
			t.Fatalf("%+v, %v", invited, err)
		}
		joiner := o.stranger()
		joiner.WorkspaceID = other.ID
		var in workspace.SignedInSession
		var all sync.WaitGroup
		all.Go(func() {
			in, err = o.AcceptInvitation(t.Context(), workspace.SignInRequest{Actor: joiner},
				workspace.Acceptance{Token: invited[0].Token, Name: "", Password: before})
		})
		all.Go(func() { o.reset("dana@acme.example", after) })
		all.Wait()
		if err == nil {
			_, _, err := o.Authenticate(t.Context(), other.ID, in.Token)
			expectKind(t, "the session of the invitation", err, workspace.Unauthenticated)
			break // Dana is a member now
		}
		o.passwords++
	}
}

// TestOneTimeTokensDieWithTheCredentials makes a token for each purpose, and
// then each change of how the person signs in.
func TestOneTimeTokensDieWithTheCredentials(t *testing.T) {
	email := "dana@acme.example"
	for what, change := range map[string]func(o *office, in workspace.SignedInSession) error{
		"reset": func(o *office, _ workspace.SignedInSession) error {
			o.reset(email, newPassword)
			return nil
		},
		"change of password": func(o *office, in workspace.SignedInSession) error {
			_, err := o.ChangePassword(o.Context(), workspace.SignInRequest{Actor: o.actorOf(in)},
				workspace.PasswordChange{Current: password, New: newPassword})
			return err
		},
		"operator sets the address": func(o *office, _ workspace.SignedInSession) error {
			return o.SetEmail(o.Context(), email, "dana@new.example")
		},
		"confirmed address": func(o *office, in workspace.SignedInSession) error {
			post := o.withMail()
			if err := o.AskToChangeEmail(o.Context(), o.actorOf(in), "dana@new.example"); err != nil {
				return err
			}
			return o.ChangeEmail(o.Context(), o.actorOf(in), o.row(in), post.tokenTo(o.T, "dana@new.example"))
		},
		"removed passkey": func(o *office, in workspace.SignedInSession) error {
			p := o.addPasskey(in, "x")
			o.putTokens()
			return o.RemovePasskey(o.Context(), o.actorOf(in), p.ID)
		},
		"removed authenticator app": func(o *office, in workspace.SignedInSession) error {
			app := authenticator{totp.NewSecret()}
			if _, err := o.AddTOTP(o.Context(), o.actorOf(in), o.row(in), app.secret, app.code(o.clock)); err != nil {
				return err
			}
			o.putTokens()
			return o.RemoveTOTP(o.Context(), o.actorOf(in))
		},
	} {
		t.Run(what, func(t *testing.T) {
			o := newOffice(t)
			in := o.session()
			o.putTokens()
			if err := change(o, in); err != nil {
				t.Fatal(err)
			}
			for n, p := range purposesOfAPerson {
				if _, err := o.db.OneTimeToken(t.Context(), p,
					secret.DigestOf(fmt.Sprint("token ", n))); workspace.KindOf(err) != workspace.NotFound {
					t.Errorf("a token for %q is left: %v", p, err)
				}
			}
		})
	}
}

var purposesOfAPerson = []workspace.Purpose{
	workspace.PurposePasswordReset, workspace.PurposeSignIn, workspace.PurposeEmail, workspace.PurposeCancelEmail,
	workspace.PurposeProvider, workspace.PurposeNewPasskey, workspace.PurposePasskey,
}

// putTokens gives the owner a one-time token for each purpose.
func (o *office) putTokens() {
	o.Helper()
	err := o.db.Update(o.Context(), func(tx workspace.Tx) error {
		if err := tx.DeleteOneTimeTokens(o.Context(), workspace.OneTimeTokenFilter{UserID: o.dana.UserID}); err != nil {
			return err
		}
		for n, p := range purposesOfAPerson {
			err := tx.InsertOneTimeToken(o.Context(), workspace.OneTimeToken{
				Digest: secret.DigestOf(fmt.Sprint("token ", n)), Purpose: p, UserID: o.dana.UserID,
				CreatedAt: o.clock, ExpiresAt: o.clock.Add(time.Hour),
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		o.Fatal(err)
	}
}

func TestOnlyTheOwnSessionConfirmsAnEmail(t *testing.T) {
	o := newOffice(t)
	post := o.withMail()
	mei := o.hire("mei@acme.example", workspace.RoleAdmin)
	in := o.session()
	dana := o.actorOf(in)
	if err := o.AskToChangeEmail(t.Context(), dana, "dana@new.example"); err != nil {
		t.Fatal(err)
	}
	confirm, cancel := post.tokenTo(t, "dana@new.example"), post.tokenTo(t, "dana@acme.example")
	_, err := o.EmailChangeLink(t.Context(), mei, confirm)
	expectKind(t, "another's link", err, workspace.Forbidden)
	expectKind(t, "confirming it", o.ChangeEmail(t.Context(), mei, workspace.Session{}, confirm), workspace.Forbidden)
	expectKind(t, "confirming it signed out", o.ChangeEmail(t.Context(), o.stranger(), workspace.Session{}, confirm),
		workspace.Forbidden)
	if email, err := o.EmailChangeToCancel(t.Context(), cancel); err != nil || email != "dana@new.example" {
		t.Errorf("the change to cancel is to %q, %v", email, err)
	}
	expectKind(t, "canceling by the other link", o.CancelEmailChange(t.Context(), o.stranger(), confirm),
		workspace.Gone)
	expectKind(t, "canceling", o.CancelEmailChange(t.Context(), o.stranger(), cancel), workspace.Internal)
	expectKind(t, "canceling again", o.CancelEmailChange(t.Context(), o.stranger(), cancel), workspace.Gone)
	expectKind(t, "confirming what was canceled", o.ChangeEmail(t.Context(), dana, o.row(in), confirm), workspace.Gone)
	if o.count(workspace.ActionEmailChangeCanceled) != 1 {
		t.Error("the audit log does not have the cancellation")
	}
}

func TestAnUnconfirmedAccountKeepsNothingButTheSessionThatProvesItsEmail(t *testing.T) {
	o := newOffice(t)
	post := o.withMail()
	invited, err := o.Invite(t.Context(), o.dana, []string{"victor@acme.example"}, workspace.RoleDeveloper)
	if err != nil {
		t.Fatal(err)
	}
	in, err := o.AcceptInvitation(t.Context(), workspace.SignInRequest{Actor: o.stranger()},
		workspace.Acceptance{Token: invited[0].Token, Name: "Victor", Password: password})
	if err != nil {
		t.Fatal(err)
	}
	elsewhere, err := o.signIn("192.0.2.1", "victor@acme.example", password, "")
	if err != nil {
		t.Fatal(err)
	}
	o.addPasskey(in, "x")
	if err := o.AskToChangeEmail(t.Context(), o.actorOf(in), "victor@new.example"); err != nil {
		t.Fatal(err)
	}
	if err := o.ChangeEmail(t.Context(), o.actorOf(in), o.row(in), post.tokenTo(t, "victor@new.example")); err != nil {
		t.Fatal(err)
	}
	ways, err := o.SignInMethods(t.Context(), o.actorOf(in))
	if err != nil || ways.HasFactor() {
		t.Errorf("the account has %+v, %v", ways, err)
	}
	_, _, err = o.Authenticate(t.Context(), o.acme.ID, elsewhere.Token)
	expectKind(t, "the other session", err, workspace.Unauthenticated)
}

func TestAFactorChangesByAFactorThatTheAccountHas(t *testing.T) {
	o := newOffice(t)
	in := o.session()
	app := authenticator{totp.NewSecret()}
	codes, err := o.AddTOTP(t.Context(), o.actorOf(in), o.row(in), app.secret, app.code(o.clock))
	if err != nil {
		t.Fatal(err)
	}
	o.addPasskey(in, "x") // the session has just shown a code
	if err := o.RemoveTOTP(t.Context(), o.actorOf(in)); err != nil {
		t.Fatal(err)
	}
	by := func(m workspace.Method) workspace.Actor {
		a := o.actorOf(in)
		a.Proof = m
		return a
	}
	for _, m := range []workspace.Method{workspace.MethodPassword, workspace.MethodCode, workspace.MethodProvider} {
		expectKind(t, "proof by "+string(m), o.RequireOwnProof(t.Context(), by(m)), workspace.Unproven)
	}
	expectKind(t, "proof by passkey", o.RequireOwnProof(t.Context(), by(workspace.MethodPasskey)), workspace.Internal)
	o.clock = o.clock.Add(11 * time.Minute)
	expectKind(t, "an old proof by passkey", o.RequireOwnProof(t.Context(), by(workspace.MethodPasskey)),
		workspace.Unproven)
	_, err = o.StepUpByCode(t.Context(), workspace.SignInRequest{Actor: o.actorOf(in), Member: in.Member}, codes[0])
	expectKind(t, "a recovery code of the app that is gone", err, workspace.Unauthenticated)
}

// Of two changes at once by the same session one is refused, so that neither
// rests on what the other has removed.
func TestTwoChangesOfFactorsAtOnce(t *testing.T) {
	o := newOffice(t)
	in := o.session()
	actor, row := o.actorOf(in), o.row(in)
	app := authenticator{totp.NewSecret()}
	var errs [2]error
	var all sync.WaitGroup
	all.Go(func() { _, errs[0] = o.AddTOTP(t.Context(), actor, row, app.secret, app.code(o.clock)) })
	all.Go(func() {
		errs[1] = o.AddPasskey(t.Context(), actor, row,
			workspace.Passkey{UserID: actor.UserID, Credential: []byte("x")}, "X")
	})
	all.Wait()
	if (errs[0] == nil) == (errs[1] == nil) {
		t.Errorf("adding two factors at once by a password: %v, %v", errs[0], errs[1])
	}
}
