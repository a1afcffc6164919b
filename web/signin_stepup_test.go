package web

import (
	"net/http"
	"strings"
	"testing"
)

// TestOldSessionsConfirm makes a session old, which then needs a step-up before
// it can change permissions.
func TestOldSessionsConfirm(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	s.secret(testPassword)
	dana := s.newOwner(t)
	s.addSam(t, "developer")
	path := dana.memberPath("Sam")
	isAdmin := func() bool {
		return s.count(t, `SELECT COUNT(*) FROM members WHERE role = 'admin'`) == 1
	}
	change := fields("role", "admin", "active", "true")
	s.growOld(t)
	confirm := "/confirm?next=%2Fsettings%2Fmembers%2F"
	if a := dana.fetch(path).want(http.StatusSeeOther); !strings.HasPrefix(a.location(), confirm) {
		t.Errorf("the page leads to %q", a.location())
	}
	a := dana.post(path, change, "Referer", testBase+path).want(http.StatusSeeOther)
	if !strings.HasPrefix(a.location(), confirm) || isAdmin() {
		t.Errorf("the form leads to %q, or worked", a.location())
	}
	dana.fetch(a.location()).want(http.StatusOK, "Confirm that it is you")
	dana.post("/confirm", fields("password", "wrong horse battery", "next", path)).
		want(http.StatusUnprocessableEntity, "This is not your password.")
	dana.post(path, change).want(http.StatusSeeOther)
	if isAdmin() {
		t.Error("a wrong password was a proof")
	}
	before := dana.cookies()
	a = dana.post("/confirm", fields("password", testPassword, "next", path)).want(http.StatusSeeOther)
	if a.location() != path {
		t.Errorf("the proof leads to %q", a.location())
	}
	if dana.cookies() == before {
		t.Error("the session is the same as before the proof")
	}
	if a := s.newClient(t).fetch("/settings/members", "Cookie", before); a.status != http.StatusSeeOther {
		t.Errorf("the session of before the proof gets %d", a.status)
	}
	dana.post(path, change).want(http.StatusSeeOther)
	if !isAdmin() {
		t.Error("after the proof the form does not work")
	}
	if a := dana.post("/confirm", fields("password", testPassword, "next", "//evil.example")).
		want(http.StatusSeeOther); a.location() != "/settings/api-keys" {
		t.Errorf("a strange next leads to %q", a.location())
	}
	stranger := s.newClient(t)
	stranger.post("/confirm", fields("password", testPassword)).want(http.StatusSeeOther)
	stranger.fetch("/settings/api-keys").want(http.StatusSeeOther)
}

// TestFullAccessInAnOldSession adds a key with full access in an old session,
// which needs the password.
func TestFullAccessInAnOldSession(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	s.secret(testPassword)
	dana := s.newOwner(t)
	p := s.openTabSignedIn(t)
	p.click("Add API key")
	p.see("You will see the key once")
	s.growOld(t)
	p.fill("Name", "Backup")
	p.click("Add API key")
	p.see("Enter your password.")
	p.fill("Your password", "wrong horse battery")
	p.click("Add API key")
	p.see("This is not your password.")
	p.fill("Your password", testPassword)
	p.click("Add API key")
	p.see("Backup is ready")
	s.secret(keyShape.FindString(p.text()))
	if n := s.count(t, `SELECT COUNT(*) FROM keys`); n != 1 {
		t.Errorf("%d keys were made", n)
	}
	p.click("I have saved it")
	p.see("1 active key")
	s.growOld(t)
	narrow := fields("name", "narrow", "expires", "never", "access", "restricted", "scope", "a", "nonce", "n")
	dana.keyIn(dana.post("/settings/api-keys", narrow).want(http.StatusCreated))
	dana.post("/settings/api-keys", addKeyForm("wide", "m")).
		want(http.StatusUnprocessableEntity, "Enter your password.")
}

// TestFormWithMistakeAsksForPassword sends a form with an error in an old
// session. The response must have the field for the password too.
func TestFormWithMistakeAsksForPassword(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	dana := s.newOwner(t)
	s.growOld(t)
	form := addKeyForm("wide", "n")
	form.Set("expires", "date")
	p := dana.post("/settings/api-keys", form)
	p.want(http.StatusUnprocessableEntity, "Your password")
}
