package e2e

import (
	"context"
	"net/http"
	"testing"
	"time"
)

// TestMembersPage changes a member's role and deactivates them, as an owner.
func TestMembersPage(t *testing.T) {
	t.Parallel()
	s := serve(t, nil)
	s.setUp(t)
	s.addSam(t, "developer")
	sam := s.signIn(t, samEmail, samPassword)
	key := sam.addKey("Sam’s")
	p := s.openSignedIn(t, phone)
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
}

// growOld makes all sessions too old for actions that need a recent step-up.
func growOld(t testing.TB, database string) {
	t.Helper()
	db := openDatabase(t, database)
	defer db.Close()
	_, err := db.ExecContext(context.Background(),
		`UPDATE sessions SET created_at = created_at - $1, proven_at = proven_at - $1`,
		(11 * time.Minute).Microseconds())
	if err != nil {
		t.Fatal(err)
	}
}

// TestFullAccessInAnOldSession adds a key with full access in an old session,
// which needs the password.
func TestFullAccessInAnOldSession(t *testing.T) {
	t.Parallel()
	s := serve(t, nil)
	s.secret(danaPassword)
	dana := s.setUp(t)
	p := s.openSignedIn(t, phone)
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
	a := dana.want(dana.post("/settings/api-keys",
		fields("name", "narrow", "expires", "never", "access", "restricted", "scope", "a", "nonce", "n")),
		http.StatusCreated)
	dana.keyIn(a)
	dana.want(dana.post("/settings/api-keys", keyForm("wide", "m")), http.StatusUnprocessableEntity,
		"Enter your password.")
}
