package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/keylodge/keylodge/internal/httpguard"
	"github.com/keylodge/keylodge/internal/workspace"
)

// TestNoKeyIsSentOnInARedirect tests against CVE-2026-47768: it sends secrets
// where a response may redirect, and searches for them in the target.
func TestNoKeyIsSentOnInARedirect(t *testing.T) {
	s := newTestServer(t)
	cookies := s.setUp(t)
	s.addWorkspace(t, "moved")
	key := s.addKey(t, "acme", workspace.NewKey{})
	w, err := s.Service.WorkspaceBySlug(t.Context(), "moved")
	if err != nil {
		t.Fatal(err)
	}
	operator := workspace.Operator
	operator.WorkspaceID = w.ID
	if _, err := s.Service.ChangeSlug(t.Context(), operator, "elsewhere"); err != nil {
		t.Fatal(err)
	}
	escaped := "%6b" + key[1:]
	for name, r := range map[string]*http.Request{
		"a page that wants a sign-in": request("GET", "http://acme.localhost/settings/api-keys?q="+key, ""),
		"its path":                    request("GET", "http://acme.localhost/settings/api-keys/"+key, ""),
		"escaped":                     request("GET", "http://acme.localhost/settings/api-keys?q="+escaped, ""),
		"escaped twice": request("GET",
			"http://acme.localhost/settings/api-keys?next="+strings.ReplaceAll(escaped, "%", "%25"), ""),
		"a fragment that wants one": request("GET", "http://acme.localhost/settings/api-keys/new", "", "HX-Request",
			"true", "HX-Current-URL", "http://acme.localhost/settings/api-keys?q="+key),
		"where a sign-in leads": request("GET",
			"http://acme.localhost/sign-in?next=/settings/api-keys%3Fq="+key, ""),
		"an address that has moved": request("GET", "http://moved.localhost/settings/api-keys?q="+key, ""),
		"escaped without end": request("GET",
			"http://acme.localhost/settings/api-keys?q=%"+strings.Repeat("25", 2000)+"6b"+key[1:], ""),
		"its path there": request("GET", "http://moved.localhost/settings/"+key, ""),
		"a search": signedIn(cookies,
			request("POST", "http://acme.localhost/settings/api-keys/search", "q="+key, "Content-Type", formType)),
		"a search in another's words": signedIn(cookies,
			request("POST", "http://acme.localhost/settings/api-keys/search", "q=found+"+key+"!&owner="+key,
				"Content-Type", formType)),
		"where a revocation leads back": signedIn(cookies,
			request("POST", "http://acme.localhost/settings/api-keys/key_1/revoke", "back=/%3Fq="+key, "Content-Type",
				formType)),
		"a page that asks for a proof": signedIn(cookies,
			request("POST", "http://acme.localhost/settings/api-keys/selected", "act=enable&q="+key, "Content-Type",
				formType)),
		"a finder of workspaces": request("POST", "http://localhost/find-workspace", "slug="+key, "Content-Type",
			formType),
	} {
		a := s.answer(withHost(r, r.URL.Host))
		for _, header := range []string{"Location", "HX-Redirect", "HX-Location", "Refresh"} {
			if to, _ := httpguard.Unescape(a.Header().Get(header)); strings.Contains(to, key[3:]) {
				t.Errorf("%s: %d, %s: %s", name, a.Code, header, to)
			}
		}
		if page, _ := httpguard.Unescape(a.Body.String()); strings.Contains(page, key) {
			t.Errorf("%s: %d: the key is on the page", name, a.Code)
		}
	}
}

func signedIn(cookies []*http.Cookie, r *http.Request) *http.Request {
	for _, c := range cookies {
		r.AddCookie(c)
	}
	return r
}

// TestEscapedPathsOpenNothing tests against CVE-2026-55677: it spells paths so
// that a guard and a handler might see different routes.
func TestEscapedPathsOpenNothing(t *testing.T) {
	s := newTestServer(t)
	s.setUp(t)
	key := s.addKey(t, "acme", workspace.NewKey{Scopes: []string{"a"}})
	ways := []func(string) string{
		func(path string) string { return strings.ReplaceAll(path, "/", "%2F") },
		func(path string) string { return "/" + strings.ReplaceAll(path[1:], "/", "%2F") },
		func(path string) string { return "/" + strings.ReplaceAll(path[1:], "/", "%2f") },
		func(path string) string { return "/" + strings.ReplaceAll(path[1:], "/", "%252F") },
		func(path string) string { return "/" + strings.ReplaceAll(path[1:], "/", "//") },
		func(path string) string { return "/" + path },
		func(path string) string { return "/." + path },
		func(path string) string { return "/static/.." + path },
		func(path string) string { return "/static/%2e%2e" + path },
		func(path string) string { return "/static/..%2F" + path[1:] },
		func(path string) string { return "/sign-in/..%2F" + path[1:] },
		func(path string) string { return "/api/v1/..%2F.." + path },
		func(path string) string { return path + "/" },
		func(path string) string { return path + "/." },
		func(path string) string { return path + "%2F" },
		func(path string) string { return path + ";x" },
		func(path string) string { return path + "%00" },
		func(path string) string { return strings.Replace(path, "s", "%73", 1) },
		func(path string) string { return strings.ToUpper(path) },
		func(path string) string { return "/" + strings.ReplaceAll(path[1:], "/", `\`) },
	}
	for _, route := range routes {
		if route.method != http.MethodGet && route.method != http.MethodPost ||
			strings.HasPrefix(route.path, "/static") {
			continue
		}
		path := strings.NewReplacer(":id", "x", "*", "x").Replace(route.path)
		if plain := s.answer(stranger(route.method, path)); plain.Code == http.StatusOK &&
			route.method == http.MethodGet {
			continue // for anyone
		}
		for i, way := range ways {
			for _, r := range []*http.Request{stranger(route.method, way(path)),
				stranger(route.method, way(path), "X-Api-Key", key)} {
				if a := s.answer(r); a.Code < 300 && r.URL.Path != "/api/v1/me" {
					t.Errorf("%s %s, written as %s (way %d): status %d", route.method, path, r.URL, i, a.Code)
				}
			}
		}
	}
	for _, path := range []string{"/verify", "/api/v1/verify", "/api/v1/introspect"} {
		for i, way := range ways[:len(ways)-3] {
			if a := s.answer(stranger("GET", way(path)+"?scope=b", "X-Api-Key", key)); a.Code < 300 {
				t.Errorf("%s, way %d: a key without the scope gets %d", path, i, a.Code)
			}
		}
	}
}

// stranger is a request without a session, whose path is sent as written.
func stranger(method, path string, headers ...string) *http.Request {
	r := request(method, "/", "", headers...)
	r.Host = "acme.localhost"
	if method == http.MethodPost {
		r.Header.Set("Content-Type", formType)
	}
	u, err := r.URL.Parse("http://acme.localhost")
	if err == nil {
		r.URL = u
	}
	raw, query, _ := strings.Cut(path, "?")
	r.URL.RawQuery = query
	if decoded, err := url.PathUnescape(raw); err == nil {
		r.URL.Path, r.URL.RawPath = decoded, raw
	} else {
		r.URL.Path = raw
	}
	r.RequestURI = path
	return r
}
