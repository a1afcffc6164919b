package web

import (
	"net/http"
	"testing"
)

// TestSessionsPage ends one session, and all others.
func TestSessionsPage(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	s.newOwner(t)
	s.addSam(t, "developer")
	sam := s.signIn(t, samEmail)
	phone, tablet := s.newClient(t), s.newClient(t)
	for c, agent := range map[*client]string{
		phone: "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) " +
			"Version/18.1 Mobile/15E148 Safari/604.1",
		tablet: "Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0",
	} {

		c.post("/sign-in", fields("email", testOwner, "password", testPassword), "User-Agent", agent).
			want(http.StatusSeeOther)
	}
	p := s.openTabSignedIn(t)
	p.click("Settings")
	p.click("Your account")
	p.see("You sign in as " + testOwner)
	p.click("Sessions")
	p.see("Safari on iPhone")
	p.see("Firefox on Linux")
	p.see("This browser")
	p.click("End the session of Safari on iPhone at 127.0.0.1")
	p.see("That session has ended.")
	p.gone("Safari on iPhone")
	phone.fetch("/settings/api-keys").want(http.StatusSeeOther)
	tablet.fetch("/settings/api-keys").want(http.StatusOK)
	p.click("Sign out everywhere else")
	p.gone("Firefox on Linux")
	p.see("This browser")
	tablet.fetch("/settings/api-keys").want(http.StatusSeeOther)
	sam.fetch("/settings/api-keys").want(http.StatusOK)
}
