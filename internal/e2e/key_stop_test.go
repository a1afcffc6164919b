package e2e

import (
	"net/http"
	"strings"
	"testing"
)

// TestWhatOthersStoppedIsNotOffered has an owner, an admin and the command line
// stop a developer's keys. The developer is not offered to undo that, and a
// form that they send all the same is refused.
func TestWhatOthersStoppedIsNotOffered(t *testing.T) {
	t.Parallel()
	onBothEngines(t, func(t *testing.T, database string) {
		s := start(t, database)
		s.setUp(t)
		s.addSam(t, "developer")
		dana, sam := s.signInAt(t, "acme", danaEmail, danaPassword), s.signInAt(t, "acme", samEmail, samPassword)
		page := func(id string) string { return "/settings/api-keys/" + id }
		for name, stop := range map[string]func(id string){
			"disabled by an owner": func(id string) {
				dana.want(dana.post(page(id)+"/disable", nil),
					http.StatusSeeOther)
			},
			"revoked by an owner": func(id string) {
				dana.want(dana.post(page(id)+"/revoke", nil),
					http.StatusSeeOther)
			},
			"disabled by the command line": func(id string) { s.keylodge(t, "key", "disable", id) },
			"revoked by the command line":  func(id string) { s.keylodge(t, "key", "revoke", id) },
		} {
			key := sam.addKey(name)
			id := sam.keyID(name)
			stop(id)
			if a := sam.want(sam.get(page(id)), http.StatusOK); strings.Contains(a.body, id+"/enable") ||
				strings.Contains(a.body, id+"/restore") {
				t.Errorf("%s: its owner is offered to undo it", name)
			}
			undo := "/enable"
			if strings.HasPrefix(name, "revoked") {
				undo = "/restore"
			}
			sam.want(sam.post(page(id)+undo, nil), http.StatusForbidden, "Someone else stopped this key.")
			bulk := sam.want(sam.post("/settings/api-keys/selected", fields("act", "enable", "number", "1", "key", id)),
				http.StatusSeeOther)
			if a := sam.want(sam.get(bulk.location()), http.StatusOK); strings.Contains(a.text(), "1 enabled") {
				t.Errorf("%s: with others at once its owner enables it", name)
			}
			if got := s.verify(t, key).status; got != http.StatusUnauthorized {
				t.Errorf("%s: it gets %d", name, got)
			}
			if a := dana.want(dana.get(page(id)), http.StatusOK); !strings.Contains(a.body, id+undo) {
				t.Errorf("%s: the owner of the workspace is not offered to undo it", name)
			}
			dana.want(dana.post(page(id)+undo, nil), http.StatusSeeOther)
			if got := s.verify(t, key).status; got != http.StatusNoContent {
				t.Errorf("%s: after the undoing it gets %d", name, got)
			}
		}
		dana.addKey("Dana’s")
		id := dana.keyID("Dana’s")
		s.keylodge(t, "key", "disable", id)
		dana.want(dana.post(page(id)+"/enable", nil), http.StatusForbidden, "Someone else stopped this key.")
		growOld(t, database)
		if a := dana.post("/settings/api-keys/selected",
			fields("act", "enable", "key", id)); !strings.HasPrefix(a.location(), "/confirm") {
			t.Errorf("an old session enables keys at once: %d to %q", a.status, a.location())
		}
	})
}
