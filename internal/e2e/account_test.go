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
	for _, l := range []look{desktop, {scripts: false, width: 360, dark: true}} {
		t.Run(l.String(), func(t *testing.T) {
			t.Parallel()
			s := start(t, sqliteFile(t))
			s.setUp(t)
			s.addSam(t, "developer")
			sam := s.signIn(t, samEmail, samPassword)
			phone, tablet := s.newClient(t), s.newClient(t)
			for c, agent := range map[*client]string{
				phone:  "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1",
				tablet: "Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0",
			} {
				c.want(c.post("/sign-in", fields("email", danaEmail, "password", danaPassword), "User-Agent", agent), http.StatusSeeOther)
			}
			p := s.openSignedIn(t, l)
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
		})
	}
}

// TestSessionsAreOnesOwn tries to see and end others'.
func TestSessionsAreOnesOwn(t *testing.T) {
	t.Parallel()
	onBothEngines(t, func(t *testing.T, database string) {
		s := start(t, database)
		dana := s.setUp(t)
		s.addSam(t, "owner")
		other := s.signIn(t, danaEmail, danaPassword)
		page := dana.want(dana.get("/account/sessions"), http.StatusOK, "This browser")
		_, after, _ := strings.Cut(page.body, `action="/account/sessions/ses_`)
		end, _, _ := strings.Cut(after, `"`)
		end = "/account/sessions/ses_" + end
		sam := s.signIn(t, samEmail, samPassword)
		if list := sam.want(sam.get("/account/sessions"), http.StatusOK); strings.Count(list.body, "<tr") != 2 {
			t.Errorf("Sam has one session:\n%s", list.text())
		}
		sam.want(sam.post(end, nil), http.StatusNotFound)
		other.want(other.get("/settings/api-keys"), http.StatusOK)
		dana.want(dana.post(end, nil), http.StatusSeeOther)
		dana.want(dana.post(end, nil), http.StatusNotFound)
		dana.want(dana.post("/account/sessions/end-others", nil), http.StatusNotFound)
		if n := count(t, database, `SELECT COUNT(*) FROM events WHERE action = 'session.ended'`); n != 1 {
			t.Errorf("%d endings are in the audit trail", n)
		}
	})
}

// TestChangePassword changes a password, with what must go wrong first.
func TestChangePassword(t *testing.T) {
	t.Parallel()
	for _, l := range []look{desktop, {scripts: false, width: 360, dark: true}} {
		t.Run(l.String(), func(t *testing.T) {
			t.Parallel()
			s := start(t, sqliteFile(t))
			s.secret(danaPassword)
			s.secret(newPassword)
			other := s.setUp(t)
			link := s.keylodge(t, "user", "reset-link", "--email", danaEmail)
			reset, err := url.Parse(strings.TrimSpace(link))
			if err != nil {
				t.Fatal(err)
			}
			p := s.openSignedIn(t, l)
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
		})
	}
}

// TestGuessingThePresentPassword is slowed down as it is at sign-in.
func TestGuessingThePresentPassword(t *testing.T) {
	t.Parallel()
	s := start(t, sqliteFile(t))
	dana := s.setUp(t)
	for path, field := range map[string]string{"/account/security/password": "current_password", "/confirm": "password"} {
		last := answer{}
		for range 12 {
			last = dana.post(path, fields(field, "a wrong password", "password", newPassword))
		}
		if dana.want(last, http.StatusTooManyRequests, "Too many wrong tries."); last.header.Get("Retry-After") == "" {
			t.Errorf("%s: no Retry-After", path)
		}
	}
}
