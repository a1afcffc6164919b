package web

import (
	"net/http"
	"strings"
	"testing"
)

// TestWhatOthersStoppedIsNotOffered has an owner, an admin and the command line
// disable a developer's keys. The developer is not offered to enable them, and
// a form that they send anyway is refused.
func TestWhatOthersStoppedIsNotOffered(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	s.newOwner(t)
	s.addSam(t, "developer")
	dana, sam := s.signInAt(t, "acme", testOwner), s.signInAt(t, "acme", samEmail)
	page := func(id string) string { return "/settings/api-keys/" + id }
	for name, stop := range map[string]func(id string){
		"disabled by an owner": func(id string) {
			dana.post(page(id)+"/disable", nil).
				want(http.StatusSeeOther)

		},
		"revoked by an owner": func(id string) {
			dana.post(page(id)+"/revoke", nil).
				want(http.StatusSeeOther)

		},
		"disabled by the command line": func(id string) { s.disableKey(t, id) },
		"revoked by the command line":  func(id string) { s.revokeKey(t, id) },
	} {
		key := sam.addKey(name)
		id := sam.keyID(name)
		stop(id)
		if a := sam.fetch(page(id)).want(http.StatusOK); strings.Contains(a.body, id+"/enable") ||
			strings.Contains(a.body, id+"/restore") {
			t.Errorf("%s: its owner is offered to undo it", name)
		}
		undo := "/enable"
		if strings.HasPrefix(name, "revoked") {
			undo = "/restore"
		}
		sam.post(page(id)+undo, nil).want(http.StatusForbidden, "Someone else stopped this key.")
		bulk := sam.post("/settings/api-keys/selected", fields("act", "enable", "number", "1", "key", id)).
			want(http.StatusSeeOther)

		if a := sam.fetch(bulk.location()).want(http.StatusOK); strings.Contains(a.unescaped(), "1 enabled") {
			t.Errorf("%s: with others at once its owner enables it", name)
		}
		if got := s.verify(t, key).status; got != http.StatusUnauthorized {
			t.Errorf("%s: it gets %d", name, got)
		}
		if a := dana.fetch(page(id)).want(http.StatusOK); !strings.Contains(a.body, id+undo) {
			t.Errorf("%s: the owner of the workspace is not offered to undo it", name)
		}
		dana.post(page(id)+undo, nil).want(http.StatusSeeOther)
		if got := s.verify(t, key).status; got != http.StatusNoContent {
			t.Errorf("%s: after the undoing it gets %d", name, got)
		}
	}
	dana.addKey("Dana’s")
	id := dana.keyID("Dana’s")
	s.disableKey(t, id)
	dana.post(page(id)+"/enable", nil).want(http.StatusForbidden, "Someone else stopped this key.")
	s.growOld(t)
	a := dana.post("/settings/api-keys/selected", fields("act", "enable", "key", id))
	if !strings.HasPrefix(a.location(), "/confirm") {
		t.Errorf("an old session enables keys at once: %d to %q", a.status, a.location())
	}
}
