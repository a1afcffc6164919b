package web

import (
	"net/http"
	"testing"
)

// TestKeyPage opens the page of a key, edits the key, disables and enables it.
func TestKeyPage(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	dana := s.newOwner(t)
	key := dana.addKey("CI")
	for range 3 {
		s.verify(t, key)
	}
	p := s.openTabSignedIn(t)
	p.click("CI")
	p.see("Full access")
	s.flushUsage(t)
	p.reload()
	p.see("3 let through, 0 refused")
	p.click("The same as a table")
	p.see("Let through")
	p.click("How to use it")
	p.see("Python")
	p.see("added a key")
	p.click("Edit")
	p.fill("Name", "CI deploy")
	p.click("Restrict this key")
	p.click("Only these scopes")
	p.fill("Scopes", "invoices:read keys:destroy")
	p.click("90 days")
	p.click("Save")
	p.see("Keylodge’s own, and it has no")
	p.fill("Scopes", "invoices:read")
	p.click("Save")
	p.see("Saved. Requests with the key are held to it from now on.")
	p.see("CI deploy")
	p.see("Restricted to invoices:read")
	a := s.newClient(t).fetch("/verify?scope=invoices:write", "Authorization", "Bearer "+key)
	if a.status != http.StatusForbidden {
		t.Errorf("a scope that was taken away gets %d", a.status)
	}
	p.click("Disable")
	p.see("The key is disabled")
	if a := s.verify(t, key); a.status != http.StatusUnauthorized {
		t.Errorf("a disabled key gets %d", a.status)
	}
	p.click("Enable")
	p.see("The key is enabled")
	if a := s.verify(t, key); a.status != http.StatusNoContent {
		t.Errorf("an enabled key gets %d", a.status)
	}
	p.click("Audit log")
	p.see("edited a key")
	p.see("name: CI → CI deploy")
	p.choose("Act", "Disabled a key")
	p.click("Show")
	p.see("disabled a key")
	p.gone("edited a key CI")
	p.click("Show all")
	p.see("created the workspace")
}
