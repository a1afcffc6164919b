package workspace_test

import (
	"strings"
	"testing"
	"time"

	"github.com/keylodge/keylodge/internal/workspace"
)

// TestLinksOfForgottenPasswords asks for them, for those who have an account
// and those who have none.
func TestLinksOfForgottenPasswords(t *testing.T) {
	o := newOffice(t)
	o.hears()
	asker := o.stranger()
	asker.Slug = "acme"
	for _, email := range []string{"Dana@acme.example", "none@acme.example"} {
		before := o.waiting(workspace.ChannelMail)
		if err := o.MailResetLink(t.Context(), asker, email); err != nil ||
			o.waiting(workspace.ChannelMail) != before+1 {
			t.Errorf("%s: %v", email, err)
		}
		o.clock = o.clock.Add(time.Second)
	}
	if n := o.count(workspace.ActionResetLinkMade); n != 0 {
		t.Errorf("%d links were made before anything was sent", n)
	}
	m, _ := o.claim(workspace.ChannelMail)
	first := tokenIn(o.prepare(m).Mail)
	o.fail(workspace.Outgoing{Message: m}, workspace.SendError{Text: "later"}) // or so it seemed
	o.clock = o.clock.Add(time.Hour)
	sent := o.deliver()
	if len(sent.mails) != 1 || sent.mails[0].To != "dana@acme.example" ||
		!strings.HasPrefix(sent.mails[0].Text[strings.Index(sent.mails[0].Text, "https"):],
			"https://acme.example/password_reset?token=") {
		t.Fatalf("sent: %v", sent.mails)
	}
	second := tokenIn(sent.mails[0])
	if first == second {
		t.Error("the second attempt has the token of the first")
	}
	for _, token := range []string{first, second} { // whichever of the two arrived
		if _, err := o.ResetLink(t.Context(), token); err != nil {
			t.Error(err)
		}
		o.storesNot(token)
	}
	if n := o.waiting(workspace.ChannelMail); n != 0 {
		t.Errorf("%d messages wait", n)
	}
}

// TestInvitationsByMailAndOnThePage uses either link; the other is dead then.
func TestInvitationsByMailAndOnThePage(t *testing.T) {
	for _, mailed := range []bool{true, false} {
		o := newOffice(t)
		o.hears()
		o.dana.Slug = "acme"
		invited, err := o.Invite(t.Context(), o.dana, []string{"lina@acme.example", "mei@acme.example"},
			workspace.RoleDeveloper)
		if err != nil {
			t.Fatal(err)
		}
		open, err := o.Invitations(t.Context(), o.dana)
		if err != nil || o.WithdrawInvitation(t.Context(), o.dana, open[0].ID) != nil {
			t.Fatal(err)
		}
		sent := o.deliver()
		if len(sent.mails) != 1 || sent.mails[0].To != open[1].Email ||
			!strings.Contains(sent.mails[0].Text, "Dana Okafor invites you to Acme") {
			t.Fatalf("sent: %v", sent.mails)
		}
		onPage, inMail := "", tokenIn(sent.mails[0])
		for _, i := range invited {
			if i.Email == open[1].Email {
				onPage = i.Token
			} else if _, err := o.InvitationOf(t.Context(), o.acme.ID,
				i.Token); workspace.KindOf(err) != workspace.Gone {
				t.Errorf("a withdrawn invitation: %v", err)
			}
		}
		o.storesNot(inMail)
		used, other := onPage, inMail
		if mailed {
			used, other = inMail, onPage
		}
		if _, err := o.InvitationOf(t.Context(), "ws_other", used); workspace.KindOf(err) != workspace.Gone {
			t.Errorf("at another workspace: %v", err)
		}
		if _, err := o.AcceptInvitation(t.Context(), workspace.SignInRequest{Actor: o.stranger()},
			workspace.Acceptance{Token: used, Name: "", Password: password}); err != nil {
			t.Fatal(err)
		}
		for _, token := range []string{used, other} {
			if _, err := o.InvitationOf(t.Context(), o.acme.ID, token); workspace.KindOf(err) != workspace.Gone {
				t.Errorf("after it was used: %v", err)
			}
		}
	}
}

// TestNoLinkIsMadeForAChangeThatWasStopped lets a thief's mail server keep a
// message waiting until its owner has stopped it.
func TestNoLinkIsMadeForAChangeThatWasStopped(t *testing.T) {
	o := newOffice(t)
	o.hears()
	stop := func() {
		t.Helper()
		err := o.db.Update(t.Context(), func(tx workspace.Tx) error {
			return tx.DeleteOneTimeTokens(t.Context(),
				workspace.OneTimeTokenFilter{UserID: o.dana.UserID}) // as with every change of credentials
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	ask := func() {
		t.Helper()
		if err := o.AskToChangeEmail(t.Context(), o.dana, "thief@evil.example"); err != nil {
			t.Fatal(err)
		}
	}
	toThief := func() workspace.Message {
		t.Helper()
		routes, err := o.DueRoutes(t.Context(), workspace.ChannelMail)
		if err != nil {
			t.Fatal(err)
		}
		for _, route := range routes {
			if route.Host != "evil.example" {
				continue
			}
			m, err := o.ClaimMessage(t.Context(), workspace.ChannelMail, route)
			if err != nil {
				t.Fatal(err)
			}
			return m
		}
		t.Fatal("no message waits for the thief")
		return workspace.Message{}
	}
	ask()
	m := toThief()
	link := tokenIn(o.prepare(m).Mail)
	o.fail(workspace.Outgoing{Message: m}, workspace.SendError{Text: "later"})
	stop()
	if _, err := o.EmailChangeLink(t.Context(), o.dana, link); workspace.KindOf(err) != workspace.Gone {
		t.Errorf("the first link: %v", err)
	}
	o.clock = o.clock.Add(time.Hour)
	if sent := o.deliver(); len(sent.mails) != 0 {
		t.Errorf("sent: %v", sent.mails)
	}

	o.dana.ProvenAt = o.clock
	ask()
	m = toThief()
	stop() // while it is being sent
	if _, err := o.PrepareMessage(t.Context(), m); workspace.KindOf(err) != workspace.NotFound {
		t.Errorf("after the claim: %v", err)
	}
}
