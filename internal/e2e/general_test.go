package e2e

import (
	"net/http"
	"testing"
)

// TestGeneralPage renames a workspace, switches to another one, and deletes
// one.
func TestGeneralPage(t *testing.T) {
	t.Parallel()
	s := serve(t, nil)
	key := s.setUp(t).addKey("CI")
	p := s.openSignedIn(t, desktop)
	p.click("General")
	p.see("What this workspace is called, and where it is.")
	p.fill("Workspace name", " ")
	p.click("Save")
	p.see("Give the workspace a name.")
	p.step(1, "name missing")
	p.fill("Workspace name", "Acme & Söhne")
	p.click("Save")
	p.see("Saved.")
	p.see("Acme & Söhne")
	p.step(2, "general")
	p.click("Delete workspace…")
	p.see("One API key works now. It stops the moment you confirm.")
	p.fill("Type acme to confirm", "ACME")
	p.click("Delete workspace")
	p.see("Type acme to delete it.")
	p.step(3, "delete")
	p.fill("Type acme to confirm", "acme")
	p.click("Delete workspace")
	p.see("Acme & Söhne is deleted")
	p.step(4, "deleted")
	if a := s.verify(t, key); a.status != http.StatusUnauthorized {
		t.Errorf("a key of a deleted workspace gets %d", a.status)
	}
}
