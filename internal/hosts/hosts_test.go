package web

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/keylodge/keylodge/internal/workspace"
)

func TestSlugOfHost(t *testing.T) {
	h := newHosts(&url.URL{Scheme: "http", Host: "LocalHost:8080"})
	for host, want := range map[string]string{
		"localhost:8080": "", "localhost": "", "localhost.": "", "127.0.0.1:8080": "", "evil.example": "", "": "",
		"xlocalhost": "",
		"[::1]":      "", "[::1]:8080": "", "[2001:DB8::1]:": "", "keylodge_web-1:8080": "",
		"xn--schlssel-95a.example": "", "localhost.acme": "",
		"acme.localhost:8080": "acme", "ACME.Localhost": "acme", "acme.localhost.": "acme",
		"acme.localhost.:8080": "acme", "acme.localhost:": "acme",
		"acme.localhost:443": "acme", "a.b.localhost": "a.b",

		"acme.localhost..": noSlug, "acme..localhost": noSlug, ".acme.localhost": noSlug, ".localhost": noSlug,
		".": noSlug, ":": noSlug, ":8080": noSlug,
		"acme.localhost:80:80": noSlug, "acme.localhost:80:": noSlug, "acme.localhost::80": noSlug,
		"acme.localhost:80.": noSlug, "acme.localhost:x": noSlug,
		"acme.localhost:65536": noSlug, "acme.localhost:-1": noSlug, "acme.localhost:+80": noSlug, "::1": noSlug,
		"[::1": noSlug, "[::1]]": noSlug, "[::1]8080": noSlug,
		"[::1]:80:80": noSlug, "[]": noSlug, "[": noSlug, "[127.0.0.1]": noSlug, "[fe80::1%eth0]": noSlug,
		"[acme.localhost]":    noSlug,
		"user@acme.localhost": noSlug, "acme.localhost@x": noSlug, "acme%2elocalhost": noSlug,
		"acme.localhost%00": noSlug, "acme.localhost\x00": noSlug,
		"acme.localhost ": noSlug, " acme.localhost": noSlug, "acme.localhost,x": noSlug, "acme.localhost/": noSlug,
		`acme.localhost\x`: noSlug, "acme.localhost#": noSlug,
		"acme。localhost": noSlug, "acme.loca\u017fhost": noSlug, "schlüssel.example": noSlug, "\xff.localhost": noSlug,
		"*.localhost":                          noSlug,
		strings.Repeat("a", 64) + ".localhost": noSlug, strings.Repeat("a.", 130) + "localhost": noSlug,
	} {
		if got := h.slug(host); got != want {
			t.Errorf("%q → %q, want %q", host, got, want)
		}
	}
}

// FuzzSlugOfHost has proxies that read a host in the usual ways: no spelling of
// a workspace's host counts as the base host.
func FuzzSlugOfHost(f *testing.F) {
	for _, host := range []string{"acme.localhost", "acme.localhost.:80", "acme.localhost:80:80", "[::1]:80"} {
		f.Add(host)
	}
	h := newHosts(&url.URL{Scheme: "http", Host: "localhost"})
	f.Fuzz(func(t *testing.T, host string) {
		if h.slug(host) != "" {
			return
		}
		name := strings.ToLower(host)
		for _, sign := range []string{":", "@", "/", "%"} {
			name, _, _ = strings.Cut(name, sign)
		}
		if strings.HasSuffix(strings.Trim(name, ". \t"), ".localhost") {
			t.Errorf("%q counts as the base host", host)
		}
	})
}

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
			if got := s.answer(r).Code; got != want && !(want == http.StatusOK && got == http.StatusNoContent) {
				t.Errorf("%s with the host %q: %d, want %d", name, host, got, want)
			}
		}
		for _, path := range []string{"/", "/sign-in", "/static/none", "/settings/api-keys", "/setup"} {
			if got := s.answer(withHost(request("GET", path, ""),
				host)); (got.Code == http.StatusBadRequest) != (want == http.StatusBadRequest) {
				t.Errorf("GET %s with the host %q: %d", path, host, got.Code)
			} else if location := got.Header().Get("Location"); strings.Contains(location, "//") {
				t.Errorf("GET %s with the host %q leads to %s", path, host, location)
			}
		}
	}
}

func TestHostWithUserInfoIsRefused(t *testing.T) {
	s := newTestServer(t)
	r := httptest.NewRequest("GET", "http://beta@localhost/sign-in", nil)
	if got := s.answer(r).Code; got != http.StatusBadRequest {
		t.Errorf("status %d", got)
	}
}
