package api

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/keylodge/keylodge/internal/workspace"
)

// TestScopesHoldHoweverAKeyIsPresented is CVE-2026-28744: it asks for a scope
// that a key lacks in every way to present it, on every route.
func TestScopesHoldHoweverAKeyIsPresented(t *testing.T) {
	s := newTestServer(t)
	s.addWorkspace(t, "acme")
	lacks := s.addKey(t, "acme", workspace.NewKey{Scopes: []string{"a"}})
	has := s.addKey(t, "acme", workspace.NewKey{Scopes: []string{"a", "b", workspace.VerifyScope}})
	basic := func(key string) []string {
		r := httptest.NewRequest("GET", "/", nil)
		r.SetBasicAuth("client", key)
		return []string{"Authorization", r.Header.Get("Authorization")}
	}
	presentations := map[string]func(key string) []string{
		"Bearer":    func(key string) []string { return []string{"Authorization", "Bearer " + key} },
		"bearer":    func(key string) []string { return []string{"Authorization", "bearer " + key} },
		"X-API-Key": func(key string) []string { return []string{"X-Api-Key", key} },
		"Basic":     basic,
	}
	asks := map[string]func(headers []string) *http.Request{
		"GET /verify":  func(h []string) *http.Request { return request("GET", "/verify?scope=b", "", h...) },
		"HEAD /verify": func(h []string) *http.Request { return request("HEAD", "/verify?scope=a+b", "", h...) },
		"two scopes":   func(h []string) *http.Request { return request("GET", "/verify?scope=a&scope=b", "", h...) },
		"/verify/envoy": func(h []string) *http.Request {
			return request("POST", "/verify/envoy/x", "", append(h, "X-Keylodge-Scope", "b")...)
		},
		"POST /api/v1/verify": func(h []string) *http.Request {
			return request("POST", "/api/v1/verify", `{"key":"`+has+`"}`,
				append(h, "Content-Type", "application/json")...)
		},
		"POST /api/v1/introspect": func(h []string) *http.Request {
			return request("POST", "/api/v1/introspect", "token="+has, append(h, "Content-Type", formType)...)
		},
	}
	for way, present := range presentations {
		for route, ask := range asks {
			if way == "Basic" && route != "POST /api/v1/introspect" {
				continue // it is no key there
			}
			if a := s.send(ask(present(lacks))); a.Code != http.StatusForbidden {
				t.Errorf("%s, by %s: without the scope %d", route, way, a.Code)
			}
			if a := s.send(ask(present(has))); a.Code >= 300 {
				t.Errorf("%s, by %s: with the scope %d", route, way, a.Code)
			}
		}
	}
	if a := s.send(request("POST", "/api/v1/introspect", "token="+has+"&client_id=x&client_secret="+lacks,
		"Content-Type", formType)); a.Code != http.StatusForbidden {
		t.Errorf("introspection, in the form: without the scope %d", a.Code)
	}
}
