package web

import (
	"net/http"
	"strings"
	"testing"
)

// TestRemovingMembers checks what is left of removed members.
func TestRemovingMembers(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	s.runJobs(t)
	s.newOwner(t)
	s.addSam(t, "developer")
	s.addBeta(t)
	dana := s.signInAt(t, "acme", testOwner)
	sam, ben := s.signInAt(t, "acme", samEmail), s.signInAt(t, "beta", benEmail)
	path, foreign := dana.memberPath("Sam"), ben.addServiceAccount("Other robot", "admin")
	id := func(path string) string { return strings.TrimPrefix(path, "/settings/members/") }
	key := sam.addKey("Sam’s")
	for name, form := range map[string][]string{
		"another workspace's service account": {"keys", "hand-over", "new_owner", id(foreign)},
		"a user id":                           {"keys", "hand-over", "new_owner", id(dana.memberPath("Dana Okafor"))},
		"themselves":                          {"keys", "hand-over", "new_owner", id(path)},
		"no owner":                            {"keys", "hand-over", "new_owner", ""},
		"something else":                      {"keys", "sell"},
		"nothing":                             {},
	} {
		t.Run(name, func(t *testing.T) {
			dana := dana.in(t)
			dana.post(path+"/remove", fields(form...)).want(http.StatusUnprocessableEntity)
		})
	}
	dana.post(dana.memberPath("Dana Okafor")+"/remove", fields("keys", "revoke")).
		want(http.StatusConflict, "always has an owner")
	sam.post(path+"/remove", fields("keys", "revoke")).want(http.StatusForbidden)
	if s.verify(t, key).status != http.StatusNoContent {
		t.Error("what was refused has stopped the key")
	}
	dana.post(path+"/remove", fields("keys", "revoke")).want(http.StatusSeeOther)
	if s.verify(t, key).status != http.StatusUnauthorized {
		t.Error("the key outlives its owner")
	}
	sam.fetch("/settings/api-keys").want(http.StatusSeeOther)
	dana.fetch(path).want(http.StatusNotFound)
	dana.post(path, fields("role", "admin", "active", "true")).want(http.StatusNotFound)
	dana.post(path+"/remove", fields("keys", "revoke")).want(http.StatusNotFound)
	sam.post("/sign-in", fields("email", samEmail, "password", testPassword)).want(http.StatusUnprocessableEntity)
	dana.fetch("/settings/api-keys?state=revoked").want(http.StatusOK, "Sam’s", "removed")

	// Invited again they come back, and nothing of theirs with them.
	again := s.newClient(t).at("acme")
	again.join(dana.invite(samEmail, "admin"), "", testPassword).want(http.StatusSeeOther)
	again.fetch("/settings/members").want(http.StatusOK, samEmail)
	if s.verify(t, key).status != http.StatusUnauthorized {
		t.Error("the key came back with its owner")
	}
	sam.fetch("/settings/api-keys").want(http.StatusSeeOther)
}
