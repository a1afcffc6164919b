package e2e

import (
	"net/http"
	"strings"
	"testing"
)

// TestNoSessionOutlivesAReset signs in with the old password, in several
// browsers, while it is reset.
func TestNoSessionOutlivesAReset(t *testing.T) {
	t.Parallel()
	database := sqliteFile(t)
	s := start(t, database)
	s.setUp(t)
	browsers := []*client{nil}
	for range 5 { // one for each, so that their failed attempts are counted apart
		browsers = append(browsers, s.signIn(t, danaEmail, danaPassword))
	}
	before, after := danaPassword, newPassword
	s.secret(after)
	for range 4 {
		_, token, _ := strings.Cut(strings.TrimSpace(s.keylodge(t, "user", "reset-link", "--email", danaEmail)),
			"token=")
		s.secret(token)
		statuses := make([]int, len(browsers))
		together(len(browsers), func(i int) {
			if i == 0 {
				statuses[i] = s.newClient(t).post("/reset-password",
					fields("token", token, "password", after)).status
			} else {
				statuses[i] = browsers[i].post("/sign-in", fields("email", danaEmail, "password", before)).status
			}
		})
		if statuses[0] != http.StatusSeeOther {
			t.Fatalf("the reset gets %d", statuses[0])
		}
		for i, c := range browsers[1:] {
			if status := c.get("/account/sessions").status; status == http.StatusOK {
				t.Errorf("browser %d, whose sign-in got %d, is signed in by the old password", i, statuses[i+1])
			}
		}
		before, after = after, before
		s.signIn(t, danaEmail, before)
	}
}

// TestAPhishedPasswordEnrollsNothing requires a second factor, and signs in
// with the password of a user who has only a passkey.
func TestAPhishedPasswordEnrollsNothing(t *testing.T) {
	t.Parallel()
	s := start(t, sqliteFile(t))
	s.secret(danaPassword)
	s.setUp(t)
	p := s.openSignedIn(t, desktop)
	p.authenticator()
	p.addPasskey("Laptop")
	p.goTo("/settings/general")
	p.click("A second factor")
	p.click("Now")
	p.click("Save how to sign in")
	p.see("Saved.")

	mallory := s.signIn(t, danaEmail, danaPassword)
	const secret = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
	for _, a := range []answer{
		mallory.get("/account/security/totp"),
		mallory.post("/account/security/totp", fields("secret", secret, "code", totp(t, secret, 0))),
		mallory.post("/account/security/passkeys/options", nil), mallory.post("/account/security/recovery-codes", nil),
		mallory.post("/account/security/password", fields("current_password", danaPassword, "password", newPassword)),
	} {
		if a.status != http.StatusSeeOther || !strings.HasPrefix(a.location(), "/confirm?") ||
			!strings.Contains(a.location(), "with=factor") {
			t.Errorf("a password alone gets %d to %q", a.status, a.location())
		}
	}
	a := mallory.want(mallory.get("/settings/api-keys?state=revoked"), http.StatusSeeOther)
	if a.location() != "/confirm?next=%2Fsettings%2Fapi-keys%3Fstate%3Drevoked" {
		t.Errorf("a user who has a passkey is led to %q", a.location())
	}
	mallory.want(mallory.post("/confirm", fields("password", danaPassword, "with", "factor")),
		http.StatusUnprocessableEntity)
	mallory.want(mallory.post("/confirm", fields("password", danaPassword)), http.StatusSeeOther)
	mallory.want(mallory.get("/account/security/totp"), http.StatusSeeOther)

	p.signOut()
	fillSignIn(p, danaEmail, danaPassword)
	p.see("Acme requires a second factor. Use yours to go on.")
	p.step(1, "confirm with a factor")
	p.click("Confirm with a passkey")
	p.see("No API keys yet")
	p.goTo("/account/security")
	p.click("Set up")
	p.see("Set up an authenticator app")

	// A user who has lost it asks the operator to remove it, and starts again
	// without a second factor.
	s.keylodge(t, "user", "remove-passkeys", "--email", danaEmail)
	s.fails(t, "", "no passkey", "user", "remove-passkeys", "--email", danaEmail)
	again := s.signIn(t, danaEmail, danaPassword)
	if a := again.want(again.get("/settings/api-keys"), http.StatusSeeOther); a.location() != "/account/security" {
		t.Errorf("a user who has nothing is led to %q", a.location())
	}
	again.want(again.get("/account/security/totp"), http.StatusOK)
}
