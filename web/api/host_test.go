package api

import (
	"net/http"
	"testing"

	"github.com/keylodge/keylodge/internal/workspace"
)

// TestWorkspaceHostTakesOnlyItsOwnKeys spells a workspace's host in every way
// that a client or proxy may, on every route that takes a key.
func TestWorkspaceHostTakesOnlyItsOwnKeys(t *testing.T) {
	s := newTestServer(t)
	s.addWorkspace(t, "acme")
	s.addWorkspace(t, "beta")
	key := s.addKey(t, "beta", workspace.NewKey{Name: "CI"})
	caller := s.addKey(t, "beta", workspace.NewKey{Name: "caller", Scopes: []string{workspace.VerifyScope}})
	for host, want := range map[string]int{
		"localhost": http.StatusOK, "LOCALHOST.:8080": http.StatusOK, "127.0.0.1": http.StatusOK,
		"[::1]:8080": http.StatusOK, "keylodge": http.StatusOK, "": http.StatusOK,
		"beta.localhost": http.StatusOK, "Beta.Localhost.:80": http.StatusOK,
		"acme.localhost": http.StatusUnauthorized, "acme.localhost.": http.StatusUnauthorized,
		"ACME.localhost.:8080": http.StatusUnauthorized, "acme.localhost:": http.StatusUnauthorized,
		"nobody.localhost": http.StatusUnauthorized, "x.beta.localhost": http.StatusUnauthorized,
		"acme.localhost..": http.StatusBadRequest, "acme.localhost:80:80": http.StatusBadRequest,
		"acme%2Elocalhost": http.StatusBadRequest, "acme.localhost%00": http.StatusBadRequest,
		"beta.localhost:80:80": http.StatusBadRequest, "acme.localhost,beta.localhost": http.StatusBadRequest,
	} {
		for name, r := range map[string]*http.Request{
			"GET /verify":    request("GET", "/verify", "", "Authorization", "Bearer "+key),
			"GET /api/v1/me": request("GET", "/api/v1/me", "", "X-Api-Key", key),
			"POST /api/v1/verify": request("POST", "/api/v1/verify", `{"key":"`+key+`"}`, "Authorization",
				"Bearer "+caller, "Content-Type", "application/json"),
			"POST /api/v1/introspect": request("POST", "/api/v1/introspect", "token="+key, "Authorization",
				"Bearer "+caller, "Content-Type", formType),
		} {
			r.Host = host
			// Clients can't choose the host in another way.
			r.Header.Set("X-Forwarded-Host", "beta.localhost")
			r.Header.Set("Forwarded", "host=beta.localhost")
			r.Header.Set("X-Host", "beta.localhost")
			if got := s.send(r).Code; got != want && !(want == http.StatusOK && got == http.StatusNoContent) {
				t.Errorf("%s with the host %q: %d, want %d", name, host, got, want)
			}
		}
	}
}
