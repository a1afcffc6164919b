package web

import (
	"net/http"
	"strings"
	"testing"

	"github.com/keylodge/keylodge/internal/workspace"
)

// TestARevokedKeyIsNotCalledEnabled sends the forms of a key page that was
// opened before the key was revoked.
func TestARevokedKeyIsNotCalledEnabled(t *testing.T) {
	s := newTestServer(t)
	cookies := s.setUp(t)
	key := s.newKey(t, "acme", workspace.NewKey{Name: "Old"})
	page := keysPath + "/" + key.ID
	post := func(to string) string {
		t.Helper()
		a := s.answer(signedIn(cookies, request("POST", to, "", "Content-Type", formType)))
		if a.Code != http.StatusSeeOther {
			t.Fatalf("POST %s: status %d", to, a.Code)
		}
		return s.answer(signedIn(cookies, request("GET", a.Header().Get("Location"), ""))).Body.String()
	}
	if body := post(page + "/disable"); !strings.Contains(body, "The key is disabled") {
		t.Error("a key that was disabled is not called so")
	}
	post(page + "/revoke")
	for _, act := range []string{"/enable", "/disable"} {
		body := post(page + act)
		if strings.Contains(body, "The key is enabled") || strings.Contains(body, "The key is disabled") {
			t.Errorf("after %s the page of a revoked key says that it is enabled or disabled", act)
		}
		if !strings.Contains(body, "the key is revoked") {
			t.Errorf("after %s the page does not say why nothing was done", act)
		}
	}
}
