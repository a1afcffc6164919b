package web

import (
	"net/http"
	"strings"
	"testing"

	"github.com/keylodge/keylodge/internal/workspace"
)

// TestWhoMayChangeMembers has each role change each other role.
func TestWhoMayChangeMembers(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	s.newOwner(t)
	s.addSam(t, "developer")
	s.addBeta(t)
	dana := s.signInAt(t, "acme", testOwner)
	sam := s.signInAt(t, "acme", samEmail)
	ben := s.signInAt(t, "beta", benEmail)
	samPath, danaPath, benPath := dana.memberPath("Sam"), dana.memberPath("Dana Okafor"), ben.memberPath("Ben")
	for _, role := range []workspace.Role{"developer", "auditor", "member", "admin"} {
		s.setRole(t, samEmail, role)
		list := sam.fetch("/settings/members").want(http.StatusOK, testOwner, samEmail)
		if strings.Contains(list.body, `href="/settings/members/`) != (role == "admin") {
			t.Errorf("%s is offered changes:\n%s", role, list.unescaped())
		}
		sam.fetch(danaPath).want(http.StatusForbidden)
		sam.post(danaPath, fields("role", "member", "active", "true")).want(http.StatusForbidden)
		sam.post(samPath, fields("role", "owner", "active", "true")).want(http.StatusForbidden)
	}
	if page := sam.fetch(samPath).want(http.StatusOK); strings.Contains(page.body, `value="owner"`) {
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
		"nobody": {"/settings/members/usr_06h0e91v5kuis4idthv0", "admin", "true", http.StatusNotFound,
			""},
		"a member elsewhere":     {benPath, "admin", "true", http.StatusNotFound, ""},
		"the last owner":         {danaPath, "admin", "true", http.StatusConflict, "always has an owner"},
		"the last owner's leave": {danaPath, "owner", "false", http.StatusConflict, "always has an owner"},
		"nothing new":            {samPath, "admin", "true", http.StatusSeeOther, ""},
	} {
		t.Run(name, func(t *testing.T) {
			dana := dana.in(t)
			dana.post(c.path, fields("role", c.role, "active", c.active)).want(c.status, c.says)
		})
	}
	if n := s.count(t, `SELECT COUNT(*) FROM events WHERE action = 'member.changed'`); n != 3 {
		t.Errorf("%d changes are in the audit trail, want the command line’s 3", n)
	}
}

// TestMembersPage changes a member's role and deactivates them, as an owner.
func TestMembersPage(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	s.newOwner(t)
	s.addSam(t, "developer")
	sam := s.signIn(t, samEmail)
	key := sam.addKey("Sam’s")
	p := s.openTabSignedIn(t)
	p.click("Members")
	p.see(samEmail)
	p.rowIs("Sam", map[string]string{"Role": "Developer", "Keys": "1"})
	p.click("What each role may do")
	p.see("Revoke everybody’s keys")
	p.click("Change Sam")
	p.see("Deactivated")
	p.click("Sign out everywhere")
	p.see("Sam is signed out everywhere in this workspace.")
	sam.fetch("/settings/api-keys").want(http.StatusSeeOther)
	p.click("Change Sam")
	p.see("Deactivated")
	p.click("Auditor")
	p.click("Save")
	p.see("Sam is active as auditor.")
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
	if a := sam.fetch("/settings/api-keys"); a.status != http.StatusSeeOther {
		t.Errorf("who was stopped gets %d", a.status)
	}
	p.click("Change Dana Okafor")
	p.click("Admin")
	p.click("Save")
	p.see("A workspace always has an owner. Make somebody else an owner first.")
}
