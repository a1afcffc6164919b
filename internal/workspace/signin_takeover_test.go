package workspace_test

import (
	"sync"
	"testing"
	"time"

	"github.com/keylodge/keylodge/internal/totp"
	"github.com/keylodge/keylodge/internal/workspace"
)

const newPassword = "a wholly new passphrase"

// postOffice collects the mail that a service sends.
type postOffice struct {
	office *office
	all    []workspace.Mail
}

// deliver sends what waits.
func (p *postOffice) deliver() { p.all = append(p.all, p.office.deliver().mails...) }

// tokenTo sends what waits, and returns the token of the newest link that was
// sent to an address.
func (p *postOffice) tokenTo(t *testing.T, email string) string {
	t.Helper()
	p.deliver()
	for i := len(p.all) - 1; i >= 0; i-- {
		if p.all[i].To == email && mailedToken.MatchString(p.all[i].Text) {
			return tokenIn(p.all[i])
		}
	}
	t.Fatalf("no link was sent to %s", email)
	return ""
}

// newest returns the newest email that was sent to an address.
func (p *postOffice) newest(email string) workspace.Mail {
	for i := len(p.all) - 1; i >= 0; i-- {
		if p.all[i].To == email {
			return p.all[i]
		}
	}
	return workspace.Mail{}
}

// withMail returns the office with a service that sends mail.
func (o *office) withMail() *postOffice {
	o.hears()
	return &postOffice{office: o}
}

// reset sets the owner's password by a link from the operator.
func (o *office) reset(email, password string) {
	o.Helper()
	token, err := o.NewResetLink(o.Context(), email)
	if err == nil {
		err = o.ResetPassword(o.Context(), workspace.Actor{}, token, password)
	}
	if err != nil {
		o.Fatal(err)
	}
}

func TestAPendingChangeOfEmailDiesWithAPasswordReset(t *testing.T) {
	o := newOffice(t)
	post := o.withMail()
	if err := o.AskToChangeEmail(t.Context(), o.dana, "mallory@evil.example"); err != nil {
		t.Fatal(err)
	}
	token := post.tokenTo(t, "mallory@evil.example")
	o.reset("dana@acme.example", newPassword)
	expectKind(t, "the link of the change", o.ChangeEmail(t.Context(), o.dana, workspace.Session{}, token),
		workspace.Gone)
	_, err := o.signIn("192.0.2.1", "dana@acme.example", newPassword, "")
	expectKind(t, "signing in with the address", err, workspace.Internal)
}

func TestAPasswordVerifiedBeforeAResetStartsNoSession(t *testing.T) {
	o := newOffice(t)
	for range 5 {
		o.clock = o.clock.Add(25 * time.Hour) // which forgets wrong passwords
		before, after := o.current(), o.other()
		link, err := o.NewResetLink(t.Context(), "dana@acme.example")
		if err != nil {
			t.Fatal(err)
		}
		var sessions []string
		var mu sync.Mutex
		var all sync.WaitGroup
		for range 3 {
			all.Go(func() {
				in, err := o.signIn("192.0.2.1", "dana@acme.example", before, "")
				if err != nil && workspace.KindOf(err) != workspace.Unauthenticated &&
					workspace.KindOf(err) != workspace.Unavailable {
					t.Error(err)
				}
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					sessions = append(sessions, in.Token)
				}
			})
		}
		all.Go(func() {
			if err := o.ResetPassword(t.Context(), workspace.Actor{}, link, after); err != nil {
				t.Error(err)
			}
		})
		all.Wait()
		for _, token := range sessions {
			_, _, err := o.Authenticate(t.Context(), o.acme.ID, token)
			expectKind(t, "a session by the old password", err, workspace.Unauthenticated)
		}
		o.passwords++
	}
}

func TestTheSecondHalfOfASignInDiesWithAReset(t *testing.T) {
	o := newOffice(t)
	app, _ := o.protect()
	o.clock = o.clock.Add(time.Hour)
	token := o.await()
	o.reset("dana@acme.example", newPassword)
	expectKind(t, "the code after the old password", o.finish(token, app.code(o.clock)), workspace.Gone)
}

func TestAnAccountMadeInSomebodysNameKeepsNothingOfItsMaker(t *testing.T) {
	o := newOffice(t)
	invited, err := o.Invite(t.Context(), o.dana, []string{"victor@acme.example"}, workspace.RoleDeveloper)
	if err != nil {
		t.Fatal(err)
	}
	stranger := workspace.Actor{Kind: workspace.ActorStranger, WorkspaceID: o.acme.ID, IP: "192.0.2.1"}
	in, err := o.AcceptInvitation(t.Context(), workspace.SignInRequest{Actor: stranger},
		workspace.Acceptance{Token: invited[0].Token, Name: "Victor", Password: password})
	if err != nil {
		t.Fatal(err)
	}
	mallory := o.actorOf(in)
	app := authenticator{totp.NewSecret()}
	if _, err := o.AddTOTP(t.Context(), mallory, workspace.Session{}, app.secret, app.code(o.clock)); err != nil {
		t.Fatal(err)
	}
	o.reset("victor@acme.example", newPassword)
	o.clock = o.clock.Add(time.Minute)
	owned, err := o.signIn("192.0.2.1", "victor@acme.example", newPassword, "")
	if err != nil || owned.Token == "" {
		t.Errorf("the owner of the address meets the other's second factor: %+v, %v", owned, err)
	}
}

func TestAPasswordAloneAddsNoFactorToAnAccountThatHasOne(t *testing.T) {
	o := newOffice(t)
	session := o.session()
	dana := o.actorOf(session)
	if err := o.AddPasskey(t.Context(), dana, o.row(session),
		workspace.Passkey{UserID: dana.UserID, Credential: []byte("dana’s")}, "Laptop"); err != nil {
		t.Fatal(err)
	}
	if err := o.SetSignInPolicy(t.Context(), o.actorOf(session), workspace.RequireSecondFactor, 0); err != nil {
		t.Fatal(err)
	}
	mallory := o.session() // who has phished the password
	app := authenticator{totp.NewSecret()}
	actor := o.actorOf(mallory)
	_, err := o.AddTOTP(t.Context(), actor, o.row(mallory), app.secret, app.code(o.clock))
	expectKind(t, "adding an authenticator app", err, workspace.Unproven)
	err = o.AddPasskey(t.Context(), actor, o.row(mallory),
		workspace.Passkey{UserID: dana.UserID, Credential: []byte("mallory’s")}, "Mine")
	expectKind(t, "adding a passkey", err, workspace.Unproven)
	passkeys, err := o.Passkeys(t.Context(), actor)
	if err != nil || len(passkeys) != 1 {
		t.Fatalf("%d passkeys, %v", len(passkeys), err)
	}
	expectKind(t, "removing the passkey", o.RemovePasskey(t.Context(), actor, passkeys[0].ID), workspace.Unproven)
	expectKind(t, "linking a provider", o.LinkIdentity(t.Context(), actor, workspace.ProviderAnswer{}),
		workspace.Unproven)
	expectKind(t, "unlinking a provider", o.UnlinkIdentities(t.Context(), actor, "https://id.example"),
		workspace.Unproven)
	o.withMail()
	expectKind(t, "changing the address", o.AskToChangeEmail(t.Context(), actor, "m@evil.example"), workspace.Unproven)
	_, err = o.ChangePassword(t.Context(), workspace.SignInRequest{Actor: actor},
		workspace.PasswordChange{Current: password, New: newPassword})
	expectKind(t, "changing the password", err, workspace.Unproven)
}
