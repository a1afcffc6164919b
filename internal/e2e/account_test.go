package e2e

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

const newPassword = "nine tall herons over the weir"

// TestSessionsPage ends one session, and all others.
func TestSessionsPage(t *testing.T) {
	t.Parallel()
	s := serve(t, nil)
	s.setUp(t)
	s.addSam(t, "developer")
	sam := s.signIn(t, samEmail, samPassword)
	phone, tablet := s.newClient(t), s.newClient(t)
	for c, agent := range map[*client]string{
		phone: "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) " +
			"Version/18.1 Mobile/15E148 Safari/604.1",
		tablet: "Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0",
	} {
		c.want(c.post("/sign-in", fields("email", danaEmail, "password", danaPassword), "User-Agent", agent),
			http.StatusSeeOther)
	}
	p := s.openSignedIn(t, desktop)
	p.click("Settings")
	p.click("Your account")
	p.see("You sign in as " + danaEmail)
	p.click("Sessions")
	p.see("Safari on iPhone")
	p.see("Firefox on Linux")
	p.see("This browser")
	p.step(1, "sessions")
	p.click("End the session of Safari on iPhone at 127.0.0.1")
	p.see("That session has ended.")
	p.gone("Safari on iPhone")
	phone.want(phone.get("/settings/api-keys"), http.StatusSeeOther)
	tablet.want(tablet.get("/settings/api-keys"), http.StatusOK)
	p.click("Sign out everywhere else")
	p.gone("Firefox on Linux")
	p.see("This browser")
	tablet.want(tablet.get("/settings/api-keys"), http.StatusSeeOther)
	sam.want(sam.get("/settings/api-keys"), http.StatusOK)
}

// TestChangePassword changes a password after failed attempts.
func TestChangePassword(t *testing.T) {
	t.Parallel()
	s := serve(t, nil)
	s.secret(danaPassword)
	s.secret(newPassword)
	other := s.setUp(t)
	link := s.keylodge(t, "user", "reset-link", "--email", danaEmail)
	reset, err := url.Parse(strings.TrimSpace(link))
	if err != nil {
		t.Fatal(err)
	}
	p := s.openSignedIn(t, phone)
	p.goTo("/account/security")
	for _, c := range []struct{ current, password, says string }{
		{"not my password", newPassword, "This is not your password."},
		{danaPassword, "too short", "at least 12 characters"},
		{danaPassword, danaPassword, "This is your present password."},
		{"", newPassword, "This is not your password."},
	} {
		p.fill("Current password", c.current)
		p.fill("New password", c.password)
		p.click("Change password")
		p.see(c.says)
		p.step(1, "refused "+c.password)
	}
	p.fill("Current password", danaPassword)
	p.fill("New password", newPassword)
	p.click("Change password")
	p.see("Your password is changed. You are signed out everywhere else.")
	p.step(2, "changed")
	other.want(other.get("/settings/api-keys"), http.StatusSeeOther)
	c := s.newClient(t)
	c.want(c.get(reset.RequestURI()), http.StatusGone)
	c.want(c.post("/sign-in", fields("email", danaEmail, "password", danaPassword)), http.StatusUnprocessableEntity)
	c.want(c.post("/sign-in", fields("email", danaEmail, "password", newPassword)), http.StatusSeeOther)
	if n := count(t, s.database, `SELECT COUNT(*) FROM events WHERE action = 'password.refused'`); n != 2 {
		t.Errorf("%d refusals are in the audit trail", n)
	}
}
