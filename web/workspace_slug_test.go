package web

import (
	"net/http"
	"strings"
	"testing"
)

// TestMovedWorkspace changes the slug of a workspace. The old one redirects to
// it, and keys are verified at both hosts for a month.
func TestMovedWorkspace(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	s.newOwner(t)
	s.addBeta(t)
	dana := s.signInAt(t, "acme", testOwner)
	key := dana.addKey("CI")
	for slug, says := range map[string]string{
		"": "Choose an address", "a": "Use 3 to 40", "www": "reserved", "beta": "taken", "be-ta": "looks like",
		"acm_e": "Use 3 to 40", "xn--acme": "reserved",
	} {
		dana.post("/settings/general/address", fields("slug", slug)).want(http.StatusUnprocessableEntity, says)
	}
	moved := dana.post("/settings/general/address", fields("slug", "Acme-Corp")).want(http.StatusSeeOther)
	to := strings.Replace(testBase, "://", "://acme-corp.", 1)
	if moved.location() != to+"/sign-in?next=%2Fsettings%2Fgeneral&done=slug-changed" {
		t.Errorf("the form leads to %q", moved.location())
	}
	a := dana.fetch("/settings/api-keys?state=revoked").want(http.StatusTemporaryRedirect)
	if a.location() != to+"/settings/api-keys?state=revoked" {
		t.Errorf("the old address leads to %q", a.location())
	}
	at := func(slug string) int {
		return s.newClient(t).at(slug).fetch("/verify", "Authorization", "Bearer "+key).status
	}
	for slug, want := range map[string]int{"acme": http.StatusNoContent, "acme-corp": http.StatusNoContent,
		"beta": http.StatusUnauthorized} {
		if got := at(slug); got != want {
			t.Errorf("a check at %s gets %d", slug, got)
		}
	}
	dana = s.signInAt(t, "acme-corp", testOwner)
	dana.fetch("/settings/general").want(http.StatusOK, "still leads here until")
	dana.post("/settings/general/address", fields("slug", "third")).
		want(http.StatusUnprocessableEntity, "you can only change it back")
	s.refusesWorkspace(t, "acme", "taken")
	s.refusesWorkspace(t, "acmecorp", "looks like")
	ben := s.signInAt(t, "beta", benEmail)
	ben.post("/settings/general/address", fields("slug", "acme")).want(http.StatusUnprocessableEntity, "taken")

	s.exec(t, `UPDATE workspaces SET old_slug_until = 1 WHERE slug = 'acme-corp'`)
	gone := s.newClient(t).at("acme")
	gone.fetch("/settings/api-keys").want(http.StatusNotFound)
	s.addMember(t, "acme-corp", samEmail, "admin")
	dana.post("/settings/general/address", fields("slug", "third")).want(http.StatusSeeOther)
	if at("acme") != http.StatusUnauthorized || at("acme-corp") != http.StatusNoContent ||
		at("third") != http.StatusNoContent {
		t.Errorf("checks at the three addresses: %d, %d, %d", at("acme"), at("acme-corp"), at("third"))
	}
}
