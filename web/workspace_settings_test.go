package web

import (
	"net/http"
	"strings"
	"testing"

	"github.com/keylodge/keylodge/internal/workspace"
)

// TestDeletedWorkspace can't be found after the deletion, while another
// workspace still works.
func TestDeletedWorkspace(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	key := s.newOwner(t).addKey("CI")
	s.addBeta(t)
	s.addSam(t, "admin")
	dana, sam := s.signInAt(t, "acme", testOwner), s.signInAt(t, "acme", samEmail)
	ben := s.signInAt(t, "beta", benEmail)
	bens := ben.addKey("Ben’s")
	link := dana.invite(linaEmail, "developer")
	sam.fetch("/settings/general/delete").want(http.StatusForbidden)
	sam.post("/settings/general/delete", fields("slug", "acme")).want(http.StatusForbidden)
	if page := sam.fetch("/settings/general").want(http.StatusOK); strings.Contains(page.unescaped(), "Delete") {
		t.Error("an admin is offered to delete the workspace")
	}
	sam.post("/settings/general", fields("name", "Acme of Sam")).want(http.StatusSeeOther)
	dana.fetch("/settings/general").want(http.StatusOK, "Acme of Sam")
	s.setRole(t, samEmail, "developer")
	sam.post("/settings/general", fields("name", "Mine")).want(http.StatusForbidden)
	s.growOld(t)
	for _, path := range []string{"/settings/general", "/settings/general/delete"} {
		if a := dana.post(path, fields("name", "X", "slug", "acme")); a.status != http.StatusSeeOther ||
			!strings.HasPrefix(a.location(), "/confirm") {
			t.Errorf("%s in an old session: %d to %q", path, a.status, a.location())
		}
	}
	dana.post("/confirm", fields("password", testPassword, "next", "/")).want(http.StatusSeeOther)
	dana.post("/settings/general/delete", fields("slug", "beta")).want(http.StatusUnprocessableEntity)
	if s.verify(t, key).status != http.StatusNoContent {
		t.Fatal("the key died too early")
	}
	dana.post("/settings/general/delete", fields("slug", "acme")).want(http.StatusOK, "is deleted")
	if s.verify(t, key).status != http.StatusUnauthorized || s.verify(t, bens).status != http.StatusNoContent {
		t.Error("the wrong keys died")
	}
	for _, c := range []*client{dana, sam} {
		c.fetch("/settings/api-keys").want(http.StatusNotFound)
	}
	dana.fetch(link).want(http.StatusNotFound)
	dana.post("/sign-in", fields("email", testOwner, "password", testPassword)).want(http.StatusNotFound)
	ben.fetch("/settings/api-keys").want(http.StatusOK, "Ben’s")
	base := s.newClient(t)
	base.fetch("/settings/api-keys").want(http.StatusSeeOther) // the one that is left is at the base host
	s.refusesWorkspace(t, "acme", "taken")
	if _, err := s.Service.WorkspaceBySlug(t.Context(), "acme"); workspace.KindOf(err) != workspace.NotFound {
		t.Errorf("the operator finds a deleted workspace: %v", err)
	}
	n := s.count(t, `SELECT COUNT(*) FROM events WHERE action IN ('workspace.renamed', 'workspace.deleted')`)
	if n != 2 {
		t.Errorf("%d rows of the audit trail", n)
	}
}

// TestSwitcher offers a user only the other workspaces that they are a member
// of.
func TestSwitcher(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	s.newOwner(t)
	s.addBeta(t)
	s.addMember(t, "beta", testOwner, "developer")
	ben, dana := s.signInAt(t, "beta", benEmail), s.signInAt(t, "acme", testOwner)
	for _, path := range []string{"/settings/api-keys", "/settings/members", "/account/sessions", "/settings/general"} {
		page := ben.fetch(path).want(http.StatusOK)
		if strings.Contains(strings.ToLower(page.body), "acme.localhost") || strings.Contains(page.body, ">Acme<") {
			t.Errorf("Ben sees Acme at %s", path)
		}
		page = dana.fetch(path).want(http.StatusOK)
		if !strings.Contains(page.body, `href="`+strings.Replace(testBase, "://", "://beta.", 1)+`/"`) {
			t.Errorf("Dana is not offered Beta at %s", path)
		}
	}
	s.setActive(t, "beta", testOwner, false)
	if page := dana.fetch("/settings/api-keys").want(http.StatusOK); strings.Contains(page.body, "://beta.") {
		t.Error("Dana is offered a workspace that she may not enter")
	}
}

// TestGeneralPage renames a workspace, switches to another one, and deletes
// one.
func TestGeneralPage(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	key := s.newOwner(t).addKey("CI")
	p := s.openTabSignedIn(t)
	p.click("General")
	p.see("What this workspace is called, and where it is.")
	p.fill("Workspace name", " ")
	p.click("Save")
	p.see("Give the workspace a name.")
	p.fill("Workspace name", "Acme & Söhne")
	p.click("Save")
	p.see("Saved.")
	p.see("Acme & Söhne")
	p.click("Delete workspace…")
	p.see("One API key works now. It stops the moment you confirm.")
	p.fill("Type acme to confirm", "ACME")
	p.click("Delete workspace")
	p.see("Type acme to delete it.")
	p.fill("Type acme to confirm", "acme")
	p.click("Delete workspace")
	p.see("Acme & Söhne is deleted")
	if a := s.verify(t, key); a.status != http.StatusUnauthorized {
		t.Errorf("a key of a deleted workspace gets %d", a.status)
	}
}
