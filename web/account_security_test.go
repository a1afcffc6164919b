package web

import (
	"net/http"
	"testing"
)

// TestGuessingThePresentPassword is throttled like a sign-in.
func TestGuessingThePresentPassword(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	dana := s.newOwner(t)
	for path, field := range map[string]string{"/account/security/password": "current_password",
		"/confirm": "password"} {
		last := &page{}
		for range 12 {
			last = dana.post(path, fields(field, "a wrong password", "password", newPassword))
		}
		if last.want(http.StatusTooManyRequests, "Too many wrong tries."); last.header.Get("Retry-After") == "" {
			t.Errorf("%s: no Retry-After", path)
		}
	}
}

// TestChangePassword changes a password after failed attempts.
func TestChangePassword(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	s.secret(testPassword)
	s.secret(newPassword)
	other := s.newOwner(t)
	token := s.resetToken(t, testOwner)
	p := s.openTabSignedIn(t)
	p.goTo("/account/security")
	for _, c := range []struct{ current, password, says string }{
		{"not my password", newPassword, "This is not your password."},
		{testPassword, "too short", "at least 12 characters"},
		{testPassword, testPassword, "This is your present password."},
		{"", newPassword, "This is not your password."},
	} {
		p.fill("Current password", c.current)
		p.fill("New password", c.password)
		p.click("Change password")
		p.see(c.says)
	}
	p.fill("Current password", testPassword)
	p.fill("New password", newPassword)
	p.click("Change password")
	p.see("Your password is changed. You are signed out everywhere else.")
	other.fetch("/settings/api-keys").want(http.StatusSeeOther)
	c := s.newClient(t)
	c.fetch("/reset-password?token=" + token).want(http.StatusGone)

	c.post("/sign-in", fields("email", testOwner, "password", testPassword)).
		want(http.StatusUnprocessableEntity)

	c.post("/sign-in", fields("email", testOwner, "password", newPassword)).want(http.StatusSeeOther)
	if n := s.count(t, `SELECT COUNT(*) FROM events WHERE action = 'password.refused'`); n != 2 {
		t.Errorf("%d refusals are in the audit trail", n)
	}
}
