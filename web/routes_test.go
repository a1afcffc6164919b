package web

import (
	"net/http"
	"strings"
	"testing"
)

func TestMethodsThatAreNotThere(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	dana := s.newOwner(t)
	key := dana.addKey("stays")
	id := dana.keyID("stays")
	paths := map[string]string{
		"/settings/api-keys": http.MethodPost, "/settings/api-keys/new": "",
		"/settings/api-keys/" + id + "/revoke": http.MethodPost, "/sign-in": http.MethodPost,
		"/setup": http.MethodPost, "/settings": "", "/": "", "/api/v1/me": "", "/verify": "",
	}
	for path, takes := range paths {
		for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete,
			http.MethodTrace, "PROPFIND", "REVOKE"} {
			if method == takes {
				continue
			}
			t.Run(method+" "+path, func(t *testing.T) {
				dana := dana.in(t)
				a := dana.send(method, path, "", "Authorization", "Bearer "+key, "X-Echo", "e").
					want(http.StatusMethodNotAllowed)
				if allow := a.header.Get("Allow"); !strings.Contains(allow, "GET") || strings.Contains(allow, method) {
					t.Errorf("Allow: %q", allow)
				}
				switch {
				case path == "/verify":
				case strings.HasPrefix(path, "/api/"):
					a.want(a.status, `"status":405`)
				default:
					a.want(a.status, "That can’t be done here")
				}
			})
		}
	}
	for _, path := range []string{"/sign-out", "/find-workspace"} {
		dana.fetch(path).want(http.StatusMethodNotAllowed, "That can’t be done here")
	}
	dana.fetch("/settings/api-keys").want(http.StatusOK, "stays")
}

// TestProgramsAreNotAskedWhichWorkspace calls /api/v1/me without a key at the
// base host, where a browser is asked to choose a workspace.
func TestProgramsAreNotAskedWhichWorkspace(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	c := s.newClient(t)
	c.fetch("/api/v1/me").want(http.StatusUnauthorized, `"status":401`)
	s.newOwner(t)
	s.addBeta(t)
	c.fetch("/api/v1/me").want(http.StatusUnauthorized, `"status":401`)
}
