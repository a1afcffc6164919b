package web

import (
	"net/http"
	"strings"
	"testing"
)

// TestRotatingAndUndoing tries what a rotation and an undo must not do.
func TestRotatingAndUndoing(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	s.newOwner(t)
	s.addSam(t, "developer")
	dana, sam := s.signInAt(t, "acme", testOwner), s.signInAt(t, "acme", samEmail)
	first := sam.addKey("Sam’s")
	id := sam.keyID("Sam’s")
	path := "/settings/api-keys/" + id
	dana.post(path+"/rotate", fields("overlap", "0")).want(http.StatusForbidden, "only its owner can rotate it")
	sam.post(path+"/rotate", fields("overlap", "1y")).want(http.StatusUnprocessableEntity, "Choose one of these.")
	sam.post(path+"/rotate", fields("overlap", "24h", "from", "first")).want(http.StatusUnprocessableEntity,
		"This form is incomplete.")

	second := sam.keyIn(sam.post(path+"/rotate", fields("overlap", "24h", "from", "0")).want(http.StatusCreated))
	sam.post(path+"/rotate", fields("overlap", "24h", "from", "0")).
		want(http.StatusConflict, "has been rotated already")
	sam.post(path+"/rotate", fields("overlap", "0", "from", "1")).
		want(http.StatusConflict, "This key is already being rotated")
	if sam.fetch(path).has(`a:contains("Rotate")`) {
		t.Error("a rotation is offered while one is running")
	}
	sam.post("/settings/api-keys/search", fields("q", "found: "+first)).want(http.StatusSeeOther)
	dana.fetch(path).want(http.StatusOK, "The old secret works until")
	dana.post(path+"/overlap", fields("overlap", "0")).want(http.StatusSeeOther)
	dana.post(path+"/overlap", fields("overlap", "7d")).want(http.StatusConflict, "has ended already")
	third := sam.keyIn(sam.post(path+"/rotate", fields("overlap", "0", "from", "1")).want(http.StatusCreated))
	for key, want := range map[string]int{first: 401, second: 401, third: 204} {
		if a := s.verify(t, key); a.status != want {
			t.Errorf("a secret gets %d, want %d", a.status, want)
		}
	}
	s.growOld(t)
	if a := sam.post(path+"/rotate", fields("overlap", "0")); !strings.HasPrefix(a.location(), "/confirm") {
		t.Errorf("an old session rotates a key with full access: %d to %q", a.status, a.location())
	}
	sam.post(path+"/revoke", nil).want(http.StatusSeeOther)
	if a := sam.post(path+"/restore", nil); !strings.HasPrefix(a.location(), "/confirm") {
		t.Errorf("an old session undoes a revocation: %d to %q", a.status, a.location())
	}
	sam.post("/confirm", fields("password", testPassword, "next", "/")).want(http.StatusSeeOther)
	sam.post(path+"/rotate", fields("overlap", "0")).want(http.StatusConflict, "is revoked")
	sam.post(path+"/restore", nil).want(http.StatusSeeOther)
	sam.post(path+"/revoke", fields("reason", "compromised")).want(http.StatusSeeOther)
	sam.post(path+"/restore", nil).want(http.StatusConflict, "can no longer be undone")
	sam.fetch(path).want(http.StatusOK, "may be in the wrong hands")
	dana.fetch("/settings/audit-log?about="+id).want(http.StatusOK, "rotated a key", "undid the revocation of a key")
}

// TestRotation gives a key a new secret, watches the use of the old one, and
// retires it.
func TestRotation(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	dana := s.newOwner(t)
	old := dana.addKey("CI")
	s.verify(t, old)
	p := s.openTabSignedIn(t)
	p.click("CI")
	p.click("Rotate")
	p.see("The key gets a new secret and stays the same key")
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
	s.flushUsage(t)
	p.reload()
	p.see("The old secret was used")
	p.see("Give the new one to whoever that is.")
	p.click("Retire it now")
	p.see("The old secret has ended: requests with it fail.")
	if s.verify(t, fresh).status != http.StatusNoContent || s.verify(t, old).status != http.StatusUnauthorized {
		t.Error("only the new secret should work")
	}
}
