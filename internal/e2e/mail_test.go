package e2e

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/keylodge/keylodge/internal/smtptest"
)

var mailedLink = regexp.MustCompile(`http://\S+\?token=[A-Za-z0-9_-]{43}`)

// linkIn returns the path of the link in a message.
func (s *server) linkIn(t testing.TB, m smtptest.Message) string {
	t.Helper()
	u, err := url.Parse(mailedLink.FindString(m.Text))
	if err != nil || u.Path == "" {
		t.Fatalf("no link in %q: %s", m.Subject, m.Text)
	}
	s.secret(u.Query().Get("token"))
	return u.RequestURI()
}

// oneOf returns the first message that matches. Messages may arrive in any
// order.
func oneOf(t testing.TB, post *smtptest.Server, first, last int, wanted func(smtptest.Message) bool) smtptest.Message {
	t.Helper()
	for n := first; n <= last; n++ {
		if m := post.Wait(t, n); wanted(m) {
			return m
		}
	}
	t.Fatalf("none of the messages %d to %d is it", first, last)
	return smtptest.Message{}
}

func sentTo(email string) func(smtptest.Message) bool {
	return func(m smtptest.Message) bool { return m.To == email }
}

// TestMail invites by email, resets a forgotten password, and changes an email
// address.
func TestMail(t *testing.T) {
	t.Parallel()
	post := smtptest.New(t)
	s := start(t, sqliteFile(t), "--smtp-url", post.URL)
	dana := s.setUp(t)
	p := s.open(t, desktop)
	a := dana.want(dana.post("/settings/members/invite", fields("emails", linaEmail, "role", "developer")),
		http.StatusOK, "Each is on its way by e-mail too.")
	s.secret(strings.SplitAfter(invitationLink.FindString(a.text()), "=")[1])
	invitation := post.Wait(t, 1)
	if invitation.To != linaEmail || invitation.Subject != "Join Acme" {
		t.Errorf("the invitation is %+v", invitation)
	}
	s.secret(linaPassword)
	p.goTo(s.linkIn(t, invitation))
	p.fill("Password", linaPassword)
	p.click("Join")
	p.see("No API keys yet")
	p.click("Settings")
	p.click("Sign out")
	p.click("Forgotten?")
	p.see("Forgotten your password?")
	p.fill("E-mail", "nobody")
	p.click("Send a link")
	p.see("This does not look like an e-mail address.")
	p.step(1, "forgotten")
	p.fill("E-mail", "Nobody@acme.example")
	p.click("Send a link")
	p.see("If Nobody@acme.example has an account here")
	p.goTo("/forgotten-password")
	p.fill("E-mail", strings.ToUpper(linaEmail))
	p.click("Send a link")
	p.see("a link to set its password is on its way")
	reset := post.Wait(t, 2)
	s.secret(newPassword)
	p.goTo(s.linkIn(t, reset))
	p.fill("Password", newPassword)
	p.click("Set password")
	p.see("Your password is set.")
	if m := post.Wait(t, 3); m.To != linaEmail || m.Subject != "Your password was changed" ||
		!strings.Contains(m.Text, "from 127.0.0.1") {
		t.Errorf("the announcement is %+v", m)
	}
	fillSignIn(p, linaEmail, newPassword)
	p.see("No API keys yet")
	p.goTo("/account/security")
	p.fill("New address", danaEmail)
	p.click("Change address")
	p.see("A link is on its way to the new address.")
	p.goTo(s.linkIn(t, oneOf(t, post, 4, 5, sentTo(danaEmail))))
	p.click("Use this address")
	p.see("Somebody else has this address by now")
	p.goTo("/account/security")
	p.fill("New address", "Lina@new.example")
	p.click("Change address")
	p.see("A link is on its way to the new address.")
	p.step(2, "security with e-mail")
	notice := oneOf(t, post, 6, 7, sentTo(linaEmail))
	if notice.Subject != "A change of your email address was requested" ||
		!strings.Contains(notice.Text, "lina@new.example") {
		t.Errorf("the present address received %+v", notice)
	}
	s.linkIn(t, notice)
	link := s.linkIn(t, oneOf(t, post, 6, 7, sentTo("lina@new.example")))
	p.goTo(link)
	p.step(3, "confirm the address")
	p.click("Use this address")
	p.see("You sign in as lina@new.example.")
	if m := post.Wait(t, 8); m.To != linaEmail ||
		m.Subject != "Your email address was changed. This is the old one" {
		t.Errorf("the old address received %+v", m)
	}
	p.goTo(link)
	p.see("This link has been used")
	old := s.newClient(t)
	old.want(old.post("/sign-in", fields("email", linaEmail, "password", newPassword)), http.StatusUnprocessableEntity)
	s.signIn(t, "lina@new.example", newPassword)
}

// TestForgottenPasswordTellsNothing requests resets for accounts that exist and
// that don't.
func TestForgottenPasswordTellsNothing(t *testing.T) {
	t.Parallel()
	post := smtptest.New(t)
	s := start(t, sqliteFile(t), "--smtp-url", post.URL)
	s.setUp(t)
	ask := func(email string) answer { return s.newClient(t).post("/forgotten-password", fields("email", email)) }
	known, unknown := ask(danaEmail), ask("none@acme.example")
	if known.status != http.StatusOK || unknown.status != http.StatusOK ||
		strings.ReplaceAll(known.text(), danaEmail, "") != strings.ReplaceAll(unknown.text(), "none@acme.example", "") {
		t.Errorf("the answers differ:\n%s\n%s", known.text(), unknown.text())
	}
	if m := post.Wait(t, 1); m.To != danaEmail || m.Subject != "Set your password" {
		t.Errorf("mail to %s: %s", m.To, m.Subject)
	} else {
		s.linkIn(t, m)
	}
	var statuses []int
	for range 5 {
		statuses = append(statuses, ask("other@acme.example").status)
	}
	if statuses[0] != http.StatusOK || statuses[4] != http.StatusTooManyRequests {
		t.Errorf("asking again and again gets %v", statuses)
	}
	s.keylodge(t, "user", "set-email", "--email", danaEmail, "--new", "Dana@new.example")
	s.fails(t, "", "no account here", "user", "set-email", "--email", danaEmail, "--new", "x@new.example")
	s.signIn(t, "dana@new.example", danaPassword)

	without := start(t, sqliteFile(t))
	without.setUp(t)
	c := without.newClient(t)
	c.want(c.get("/forgotten-password"), http.StatusOK, "Ask whoever runs it")
	c.want(c.post("/forgotten-password", fields("email", danaEmail)), http.StatusForbidden)
}
