package e2e

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"
)

const memberLink = `href="/settings/members/`

// memberPath returns where a member is changed.
func (c *client) memberPath(name string) string {
	c.t.Helper()
	list := c.want(c.get("/settings/members"), http.StatusOK)
	before, _, found := strings.Cut(list.body, `aria-label="Change `+name+`"`)
	at := strings.LastIndex(before, memberLink)
	if !found || at < 0 {
		c.t.Fatalf("nobody called %q can be changed:\n%s", name, list.text())
	}
	path, _, _ := strings.Cut(before[at+len(`href="`):], `"`)
	return path
}

// TestMembersPage changes somebody's role and stops them, as an owner does.
func TestMembersPage(t *testing.T) {
	t.Parallel()
	for _, l := range []look{desktop, {scripts: false, width: 1280, dark: true}, {scripts: true, width: 360, dark: true}, {scripts: false, width: 360}} {
		t.Run(l.String(), func(t *testing.T) {
			t.Parallel()
			s := start(t, sqliteFile(t))
			s.setUp(t)
			s.addSam(t, "developer")
			sam := s.signIn(t, samEmail, samPassword)
			key := sam.addKey("Sam’s")
			p := s.openSignedIn(t, l)
			p.click("Members")
			p.see(samEmail)
			p.rowIs("Sam", map[string]string{"Role": "Developer", "Keys": "1"})
			p.click("What each role may do")
			p.see("Revoke everybody’s keys")
			p.step(1, "members")
			p.click("Change Sam")
			p.see("Deactivated")
			p.click("Sign out everywhere")
			p.see("Sam is signed out everywhere in this workspace.")
			sam.want(sam.get("/settings/api-keys"), http.StatusSeeOther)
			p.click("Change Sam")
			p.see("Deactivated")
			p.step(2, "member")
			p.click("Auditor")
			p.click("Save")
			p.see("Sam is active as auditor.")
			p.step(3, "changed")
			if a := s.verify(t, key); a.header.Get("X-Keylodge-Role") != "auditor" {
				t.Errorf("the key is %q’s", a.header.Get("X-Keylodge-Role"))
			}
			p.click("Change Sam")
			p.click("Deactivated")
			p.click("Save")
			p.see("Sam is deactivated: no sign-in, and their keys are refused.")
			p.rowIs("Sam", map[string]string{"Role": "Deactivated"})
			if a := s.verify(t, key); a.status != http.StatusUnauthorized {
				t.Errorf("the key of who was stopped gets %d", a.status)
			}
			if a := sam.get("/settings/api-keys"); a.status != http.StatusSeeOther {
				t.Errorf("who was stopped gets %d", a.status)
			}
			p.click("Change Dana Okafor")
			p.click("Admin")
			p.click("Save")
			p.see("A workspace always has an owner. Make somebody else an owner first.")
			p.step(4, "the last owner")
		})
	}
}

// TestWhoMayChangeMembers tries each role on each other.
func TestWhoMayChangeMembers(t *testing.T) {
	t.Parallel()
	onBothEngines(t, func(t *testing.T, database string) {
		s := start(t, database)
		s.setUp(t)
		s.addSam(t, "developer")
		s.addBeta(t)
		dana := s.signInAt(t, "acme", danaEmail, danaPassword)
		sam := s.signInAt(t, "acme", samEmail, samPassword)
		ben := s.signInAt(t, "beta", benEmail, benPassword)
		samPath, danaPath, benPath := dana.memberPath("Sam"), dana.memberPath("Dana Okafor"), ben.memberPath("Ben")
		for _, role := range []string{"developer", "auditor", "member", "admin"} {
			s.keylodge(t, "user", "role", "--workspace", "acme", "--email", samEmail, "--role", role)
			list := sam.want(sam.get("/settings/members"), http.StatusOK, danaEmail, samEmail)
			if strings.Contains(list.body, memberLink) != (role == "admin") {
				t.Errorf("%s is offered changes:\n%s", role, list.text())
			}
			sam.want(sam.get(danaPath), http.StatusForbidden)
			sam.want(sam.post(danaPath, fields("role", "member", "active", "true")), http.StatusForbidden)
			sam.want(sam.post(samPath, fields("role", "owner", "active", "true")), http.StatusForbidden)
		}
		if page := sam.want(sam.get(samPath), http.StatusOK); strings.Contains(page.body, `value="owner"`) {
			t.Error("an admin is offered to make an owner")
		}
		for name, c := range map[string]struct {
			path, role, active string
			status             int
			says               string
		}{
			"no such role": {samPath, "king", "true", http.StatusUnprocessableEntity, "The role is one of"},
			"no role":      {samPath, "", "true", http.StatusUnprocessableEntity, "The role is one of"},
			"neither": {samPath, "admin", "perhaps", http.StatusUnprocessableEntity,
				"Choose one of these."},
			"nobody":                 {"/settings/members/usr_06h0e91v5kuis4idthv0", "admin", "true", http.StatusNotFound, ""},
			"somebody elsewhere":     {benPath, "admin", "true", http.StatusNotFound, ""},
			"the last owner":         {danaPath, "admin", "true", http.StatusConflict, "always has an owner"},
			"the last owner's leave": {danaPath, "owner", "false", http.StatusConflict, "always has an owner"},
			"nothing new":            {samPath, "admin", "true", http.StatusSeeOther, ""},
		} {
			t.Run(name, func(t *testing.T) {
				dana := dana.in(t)
				dana.want(dana.post(c.path, fields("role", c.role, "active", c.active)), c.status, c.says)
			})
		}
		if n := count(t, database, `SELECT COUNT(*) FROM events WHERE action = 'member.changed'`); n != 3 {
			t.Errorf("%d changes are in the audit trail, want the command line’s 3", n)
		}
	})
}

// growOld makes all sessions older than a proof of who somebody is counts.
func growOld(t testing.TB, database string) {
	t.Helper()
	db := openDatabase(t, database)
	defer db.Close()
	if _, err := db.ExecContext(context.Background(),
		`UPDATE sessions SET created_at = created_at - $1, proven_at = proven_at - $1`,
		(11 * time.Minute).Microseconds()); err != nil {
		t.Fatal(err)
	}
}

// TestOldSessionsConfirm lets a session grow old, and asks it to prove who it
// is before it changes who may do what.
func TestOldSessionsConfirm(t *testing.T) {
	t.Parallel()
	onBothEngines(t, func(t *testing.T, database string) {
		s := start(t, database)
		s.secret(danaPassword)
		dana := s.setUp(t)
		s.addSam(t, "developer")
		path := dana.memberPath("Sam")
		isAdmin := func() bool {
			return count(t, database, `SELECT COUNT(*) FROM members WHERE role = 'admin'`) == 1
		}
		change := fields("role", "admin", "active", "true")
		growOld(t, database)
		confirm := "/confirm?next=%2Fsettings%2Fmembers%2F"
		if a := dana.want(dana.get(path), http.StatusSeeOther); !strings.HasPrefix(a.location(), confirm) {
			t.Errorf("the page leads to %q", a.location())
		}
		a := dana.want(dana.post(path, change, "Referer", s.url+path), http.StatusSeeOther)
		if !strings.HasPrefix(a.location(), confirm) || isAdmin() {
			t.Errorf("the form leads to %q, or worked", a.location())
		}
		dana.want(dana.get(a.location()), http.StatusOK, "Confirm that it is you")
		dana.want(dana.post("/confirm", fields("password", "wrong horse battery", "next", path)), http.StatusUnprocessableEntity, "This is not your password.")
		dana.want(dana.post(path, change), http.StatusSeeOther)
		if isAdmin() {
			t.Error("a wrong password was a proof")
		}
		before := dana.cookies()
		if a := dana.want(dana.post("/confirm", fields("password", danaPassword, "next", path)), http.StatusSeeOther); a.location() != path {
			t.Errorf("the proof leads to %q", a.location())
		}
		if dana.cookies() == before {
			t.Error("the session is the same as before the proof")
		}
		if a := s.newClient(t).get("/settings/members", "Cookie", before); a.status != http.StatusSeeOther {
			t.Errorf("the session of before the proof gets %d", a.status)
		}
		dana.want(dana.post(path, change), http.StatusSeeOther)
		if !isAdmin() {
			t.Error("after the proof the form does not work")
		}
		if a := dana.want(dana.post("/confirm", fields("password", danaPassword, "next", "//evil.example")), http.StatusSeeOther); a.location() != "/settings/api-keys" {
			t.Errorf("a strange next leads to %q", a.location())
		}
		stranger := s.newClient(t)
		stranger.want(stranger.post("/confirm", fields("password", danaPassword)), http.StatusSeeOther)
		stranger.want(stranger.get("/settings/api-keys"), http.StatusSeeOther)
	})
}

// TestFullAccessInAnOldSession wants the password in the form of a key that may
// do all that its owner may.
func TestFullAccessInAnOldSession(t *testing.T) {
	t.Parallel()
	for _, l := range []look{desktop, {scripts: false, width: 360, dark: true}} {
		t.Run(l.String(), func(t *testing.T) {
			t.Parallel()
			s := start(t, sqliteFile(t))
			s.secret(danaPassword)
			dana := s.setUp(t)
			p := s.openSignedIn(t, l)
			p.click("Add API key")
			p.see("You will see the key once")
			growOld(t, s.database)
			p.fill("Name", "Backup")
			p.click("Add API key")
			p.see("Enter your password.")
			p.fill("Your password", "wrong horse battery")
			p.click("Add API key")
			p.see("This is not your password.")
			p.step(1, "password wanted")
			p.fill("Your password", danaPassword)
			p.click("Add API key")
			p.see("Backup is ready")
			s.secret(keyShape.FindString(p.text()))
			if n := count(t, s.database, `SELECT COUNT(*) FROM keys`); n != 1 {
				t.Errorf("%d keys were made", n)
			}
			p.click("I have saved it")
			p.see("1 active key")
			growOld(t, s.database)
			a := dana.want(dana.post("/settings/api-keys", fields("name", "narrow", "expires", "never", "access", "restricted", "scope", "a", "nonce", "n")), http.StatusCreated)
			dana.keyIn(a)
			dana.want(dana.post("/settings/api-keys", keyForm("wide", "m")), http.StatusUnprocessableEntity, "Enter your password.")
		})
	}
}
