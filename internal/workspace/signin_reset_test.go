package workspace_test

import (
	"strings"
	"testing"
	"time"

	"github.com/keylodge/keylodge/internal/workspace"
)

func TestResetLink(t *testing.T) {
	o := newOffice(t)
	first, err := o.NewResetLink(t.Context(), "Dana@acme.example")
	if err != nil {
		t.Fatal(err)
	}
	second, err := o.NewResetLink(t.Context(), "dana@acme.example")
	if err != nil {
		t.Fatal(err)
	}
	const fresh = "a wholly new passphrase"
	expectKind(t, "a replaced link", o.ResetPassword(t.Context(), workspace.Actor{}, first, fresh), workspace.Gone)
	expectKind(t, "a bad password", o.ResetPassword(t.Context(), workspace.Actor{}, second, "short"), workspace.Invalid)
	o.clock = o.clock.Add(workspace.ResetLinkLifetime)
	expectKind(t, "a day later", o.ResetPassword(t.Context(), workspace.Actor{}, second, fresh), workspace.Gone)
	o.clock = o.clock.Add(-time.Second)
	expectKind(t, "in time", o.ResetPassword(t.Context(), workspace.Actor{}, second, fresh), workspace.Internal)
	expectKind(t, "used twice", o.ResetPassword(t.Context(), workspace.Actor{}, second, fresh), workspace.Gone)
	_, err = o.signIn("192.0.2.1", "dana@acme.example", password, "")
	expectKind(t, "the old password", err, workspace.Unauthenticated)
	_, err = o.signIn("192.0.2.1", "dana@acme.example", fresh, "")
	expectKind(t, "the new password", err, workspace.Internal)
}

// joined makes a user by the link of an invitation, which proves no email, and
// gives them an authenticator app.
func (o *office) joined(email string) workspace.SignedInSession {
	o.Helper()
	invited, err := o.Invite(o.Context(), o.dana, []string{email}, workspace.RoleDeveloper)
	if err != nil {
		o.Fatal(err)
	}
	in, err := o.AcceptInvitation(o.Context(), workspace.SignInRequest{Actor: o.stranger()},
		workspace.Acceptance{Token: invited[0].Token, Name: "Victor", Password: password})
	if err != nil {
		o.Fatal(err)
	}
	o.addTOTP(in)
	return in
}

const removal = "also removes the passkeys, authenticator app and identity providers"

// The email, the page and the notice say what the first reset removes.
func TestFirstResetSaysWhatItRemoves(t *testing.T) {
	o := newOffice(t)
	o.joined("victor@acme.example")
	post := o.withMail()
	for _, first := range []bool{true, false} {
		if err := o.MailResetLink(t.Context(), o.stranger(), "victor@acme.example"); err != nil {
			t.Fatal(err)
		}
		token := post.tokenTo(t, "victor@acme.example")
		if said := strings.Contains(post.newest("victor@acme.example").Text, removal); said != first {
			t.Errorf("first: %v; the email with the link says so: %v", first, said)
		}
		link, err := o.ResetLink(t.Context(), token)
		if err != nil || link.RemovesMethods != first || link.Email != "victor@acme.example" {
			t.Errorf("first: %v; the page is given %+v, %v", first, link, err)
		}
		if err := o.ResetPassword(t.Context(), o.stranger(), token, newPassword); err != nil {
			t.Fatal(err)
		}
		post.deliver()
		if said := strings.Contains(post.newest("victor@acme.example").Text, "removed the passkeys"); said != first {
			t.Errorf("first: %v; the email about the new password says so: %v", first, said)
		}
		if !first {
			continue
		}
		in, err := o.signIn("192.0.2.1", "victor@acme.example", newPassword, "")
		if err != nil || in.Token == "" {
			t.Fatalf("signing in after the first reset: %+v, %v", in, err)
		}
		o.addTOTP(in) // which the second reset leaves
	}
	in, err := o.signIn("192.0.2.1", "victor@acme.example", newPassword, "")
	if err != nil || in.Await == "" {
		t.Errorf("signing in after the second reset: %+v, %v", in, err)
	}
}

func TestFirstChangeOfEmailSaysWhatItRemoves(t *testing.T) {
	o := newOffice(t)
	in := o.joined("victor@acme.example")
	post := o.withMail()
	if err := o.AskToChangeEmail(t.Context(), o.actorOf(in), "vic@acme.example"); err != nil {
		t.Fatal(err)
	}
	token := post.tokenTo(t, "vic@acme.example")
	if text := post.newest("vic@acme.example").Text; !strings.Contains(text, removal) {
		t.Errorf("the email with the link: %q", text)
	}
	link, err := o.EmailChangeLink(t.Context(), o.actorOf(in), token)
	if err != nil || !link.RemovesMethods {
		t.Errorf("the page is given %+v, %v", link, err)
	}
	if err := o.ChangeEmail(t.Context(), o.actorOf(in), o.row(in), token); err != nil {
		t.Fatal(err)
	}
	post.deliver()
	if text := post.newest("victor@acme.example").Text; !strings.Contains(text, "removed the passkeys") {
		t.Errorf("the email about the change: %q", text)
	}
}

// An account without other methods has nothing to lose, so nothing is said.
func TestFirstResetOfAPasswordAlone(t *testing.T) {
	o := newOffice(t)
	invited, err := o.Invite(t.Context(), o.dana, []string{"victor@acme.example"}, workspace.RoleDeveloper)
	if err != nil {
		t.Fatal(err)
	}
	_, err = o.AcceptInvitation(t.Context(), workspace.SignInRequest{Actor: o.stranger()},
		workspace.Acceptance{Token: invited[0].Token, Name: "Victor", Password: password})
	if err != nil {
		t.Fatal(err)
	}
	token, err := o.NewResetLink(t.Context(), "victor@acme.example")
	if err != nil {
		t.Fatal(err)
	}
	if link, err := o.ResetLink(t.Context(), token); err != nil || link.RemovesMethods {
		t.Errorf("%+v, %v", link, err)
	}
}
