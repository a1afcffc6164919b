package e2e

import (
	"net/http"
	"testing"
)

// TestRotation gives a key a new secret, watches the use of the old one, and
// retires it.
func TestRotation(t *testing.T) {
	t.Parallel()
	s := serve(t, nil)
	dana := s.setUp(t)
	old := dana.addKey("CI")
	s.verify(t, old)
	p := s.openSignedIn(t, phone)
	p.click("CI")
	p.click("Rotate")
	p.see("The key gets a new secret and stays the same key")
	p.step(1, "rotate")
	p.click("7 days")
	p.click("Rotate key")
	p.see("The old one goes on for 7 days.")
	fresh := keyShape.FindString(p.text())
	s.secret(fresh)
	if fresh == old || s.verify(t, fresh).status != http.StatusNoContent ||
		s.verify(t, old).status != http.StatusNoContent {
		t.Error("both secrets should work")
	}
	p.click("I have saved it")
	p.click("CI")
	p.see("The old secret works until")
	p.reloadUntil("The old secret was used")
	p.see("Give the new one to whoever that is.")
	p.step(2, "rotation")
	p.click("Retire it now")
	p.see("The old secret has ended: requests with it fail.")
	if s.verify(t, fresh).status != http.StatusNoContent || s.verify(t, old).status != http.StatusUnauthorized {
		t.Error("only the new secret should work")
	}
}

// TestRevocationIsEvidence revokes a key in use, sees which clients still try
// it, and undoes the revocation.
func TestRevocationIsEvidence(t *testing.T) {
	t.Parallel()
	s := serve(t, nil)
	dana := s.setUp(t)
	key := dana.addKey("CI")
	s.verify(t, key)
	p := s.openSignedIn(t, desktop)
	p.click("Revoke CI")
	p.see("Still in use.")
	p.click("Revoke key")
	p.see("Tick this if its requests may fail.")
	p.step(1, "revoke a key in use")
	if s.verify(t, key).status != http.StatusNoContent {
		t.Error("the key was revoked without the tick")
	}
	p.click("These requests may fail")
	p.click("Revoke key")
	p.see("“CI” is revoked.")
	if s.verify(t, key).status != http.StatusUnauthorized {
		t.Error("a revoked key works")
	}
	p.click("Receipt and undo")
	p.see("Last let through")
	p.reloadUntil("1 request\n")
	p.see("Who still tries it")
	p.step(2, "receipt")
	p.click("Undo the revocation")
	p.see("The revocation is undone")
	if s.verify(t, key).status != http.StatusNoContent {
		t.Error("the key does not work again")
	}
}
