package api

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/keylodge/keylodge/internal/workspace"
)

// unread is a body that must not be read.
type unread struct{ t *testing.T }

func (u unread) Read([]byte) (int, error) {
	u.t.Error("the body is read")
	return 0, errors.New("read")
}

// TestEnvoyAsks sends what Envoy's ext_authz filter makes of clients' requests:
// any method, path, query and body.
func TestEnvoyAsks(t *testing.T) {
	s := newTestServer(t)
	s.addWorkspace(t, "acme")
	s.addWorkspace(t, "beta")
	full := s.addKey(t, "acme", workspace.NewKey{Name: "full"})
	reader := s.addKey(t, "acme", workspace.NewKey{Name: "reader", Scopes: []string{"a", "b"}})
	const yes, badKey, forbidden, misconfigured = http.StatusOK, http.StatusUnauthorized, http.StatusForbidden,
		http.StatusBadRequest
	for name, c := range map[string]struct {
		method, path string
		headers      []string
		want         int
	}{
		"GET":                            {"GET", "/orders/1", []string{"Authorization", "Bearer " + full}, yes},
		"no path":                        {"GET", "", []string{"X-Api-Key", full}, yes},
		"the root":                       {"GET", "/", []string{"X-Api-Key", full}, yes},
		"POST":                           {"POST", "/orders", []string{"Authorization", "bearer " + full}, yes},
		"DELETE":                         {"DELETE", "/orders/1", []string{"X-Api-Key", full}, yes},
		"HEAD":                           {"HEAD", "/", []string{"X-Api-Key", full}, yes},
		"OPTIONS":                        {"OPTIONS", "/", []string{"X-Api-Key", full}, yes},
		"a method that does not exist":   {"BREW", "/", []string{"X-Api-Key", full}, yes},
		"a path that is a route of ours": {"GET", "/api/v1/introspect", []string{"X-Api-Key", full}, yes},
		"a path that leads elsewhere":    {"GET", "/../../sign-in", []string{"X-Api-Key", full}, yes},
		"escapes":                        {"GET", "/%2e%2e%2f%00%ff", []string{"X-Api-Key", full}, yes},
		"a scope that it has": {"GET", "/", []string{"X-Api-Key", reader, "X-Keylodge-Scope", "a"},
			yes},
		"both scopes": {"GET", "/", []string{"X-Api-Key", reader, "X-Keylodge-Scope", "a b"},
			yes},
		"both scopes, in two headers": {"GET", "/",
			[]string{"X-Api-Key", reader, "X-Keylodge-Scope", "a", "X-Keylodge-Scope", "b"}, yes},
		"a scope that it lacks": {"GET", "/", []string{"X-Api-Key", reader, "X-Keylodge-Scope", "c"},
			forbidden},
		"two headers, of which it lacks one": {"GET", "/",
			[]string{"X-Api-Key", reader, "X-Keylodge-Scope", "a", "X-Keylodge-Scope", "c"}, forbidden},
		"headers that Envoy has joined": {"GET", "/", []string{"X-Api-Key", reader, "X-Keylodge-Scope", "a,b"},
			forbidden},
		"the client's query names no scope": {"GET", "/?scope=c&Scope=c&scopes=c&scope=",
			[]string{"X-Api-Key", reader}, yes},
		"the client's query fulfils none": {"GET", "/?scope=a",
			[]string{"X-Api-Key", reader, "X-Keylodge-Scope", "c"}, forbidden},
		"the client's path names no scope": {"GET", "/scope/c/x", []string{"X-Api-Key", reader}, yes},
		"a query that can't be parsed":     {"GET", "/?%zz;a=;=", []string{"X-Api-Key", reader}, yes},
		"the key's workspace": {"GET", "/",
			[]string{"X-Api-Key", full, "X-Keylodge-Workspace", "acme"}, yes},
		"another workspace": {"GET", "/",
			[]string{"X-Api-Key", full, "X-Keylodge-Workspace", "beta"}, badKey},
		"no workspace of this name": {"GET", "/", []string{"X-Api-Key", full, "X-Keylodge-Workspace", "x"},
			badKey},
		"the host of another workspace": {"GET", "/", []string{"X-Api-Key", full, "Host", "beta.localhost"},
			badKey},
		"a host against the workspace": {"GET", "/",
			[]string{"X-Api-Key", full, "X-Keylodge-Workspace", "acme", "Host", "beta.localhost"}, badKey},
		"the same the other way round": {"GET", "/",
			[]string{"X-Api-Key", full, "X-Keylodge-Workspace", "beta", "Host", "acme.localhost"}, badKey},
		"any other host": {"GET", "/",
			[]string{"X-Api-Key", full, "X-Keylodge-Workspace", "acme", "Host", "api.example.com"}, yes},
		"no key":          {"GET", "/", nil, badKey},
		"a malformed key": {"GET", "/", []string{"X-Api-Key", "kl_x"}, badKey},
		"two keys": {"GET", "/",
			[]string{"X-Api-Key", full, "Authorization", "Bearer " + full}, badKey},
		"two keys that Envoy has joined": {"GET", "/", []string{"X-Api-Key", full + "," + full}, badKey},
		"two Authorizations that Envoy joined": {"GET", "/",
			[]string{"Authorization", "Bearer " + full + ",Bearer " + full}, badKey},
		"a cookie":                             {"GET", "/", []string{"Cookie", "session=" + full}, badKey},
		"a key in the query":                   {"GET", "/?key=" + full, nil, badKey},
		"a key in the query beside a good one": {"GET", "/?key=" + reader, []string{"X-Api-Key", full}, badKey},
		"an empty scope": {"GET", "/", []string{"X-Api-Key", full, "X-Keylodge-Scope", ""},
			misconfigured},
		"a scope that can't be": {"GET", "/", []string{"X-Api-Key", full, "X-Keylodge-Scope", `a "b"`},
			misconfigured},
		"a misspelt header": {"GET", "/", []string{"X-Api-Key", full, "X-Keylodge-Scopes", "a"},
			misconfigured},
		"an identity that a client claims": {"GET", "/", []string{"X-Api-Key", full, "X-Keylodge-Role", "owner"},
			misconfigured},
		"no name of a workspace": {"GET", "/", []string{"X-Api-Key", full, "X-Keylodge-Workspace", ""},
			misconfigured},
		"two workspaces": {"GET", "/",
			[]string{"X-Api-Key", full, "X-Keylodge-Workspace", "acme", "X-Keylodge-Workspace", "beta"}, misconfigured},
		"a host that can be read in two ways": {"GET", "/", []string{"X-Api-Key", full, "Host", "acme.localhost:1:2"},
			misconfigured},
	} {
		t.Run(name, func(t *testing.T) {
			r := request(c.method, "/verify/envoy"+c.path, "", c.headers...)
			r.Body = http.NoBody
			if c.method == http.MethodPost {
				r = httptest.NewRequest(c.method, "/verify/envoy"+c.path, unread{t})
				r.Header, r.Host = request("GET", "/", "", c.headers...).Header, "localhost"
			}
			if host := r.Header.Get("Host"); host != "" {
				r.Host = host
			}
			a := s.send(r)
			if a.Code != c.want {
				t.Fatalf("status %d, want %d", a.Code, c.want)
			}
			if c.want == yes {
				if a.Header().Get("X-Keylodge-Workspace") != "acme" || a.Header().Get("Cache-Control") != "no-store" ||
					a.Body.Len() > 0 {
					t.Errorf("headers %v, %d bytes", a.Header(), a.Body.Len())
				}
			} else if a.Header().Get("X-Keylodge-Workspace") != "" || c.want != misconfigured &&
				!strings.HasPrefix(a.Header().Get("WWW-Authenticate"), "Bearer") {
				t.Errorf("headers %v", a.Header())
			}
		})
	}
	for _, path := range []string{"/verify/envoyx", "/verify/", "/verify/Envoy/", "//verify/envoy/"} {
		if a := s.send(request("GET", path, "", "X-Api-Key", full)); a.Code < 300 {
			t.Errorf("%s: status %d", path, a.Code)
		}
	}
}

// TestWaysToPresentAKeyAgree presents keys in every way, on every route that
// verifies one.
func TestWaysToPresentAKeyAgree(t *testing.T) {
	s := newTestServer(t)
	s.addWorkspace(t, "acme")
	key, other := s.addKey(t, "acme", workspace.NewKey{}), s.addKey(t, "acme", workspace.NewKey{})
	const noKey, invalid = "Bearer", `Bearer error="invalid_token"`
	burnt := keyInURL[0]
	for name, c := range map[string]struct {
		query   string
		headers []string
		want    string // the challenge; empty for a yes
	}{
		"Bearer":          {"", []string{"Authorization", "Bearer " + key}, ""},
		"bearer":          {"", []string{"Authorization", "bEARER " + key}, ""},
		"X-API-Key":       {"", []string{"X-Api-Key", key}, ""},
		"nothing":         {"", nil, noKey},
		"another scheme":  {"", []string{"Authorization", "Token " + key}, noKey},
		"another header":  {"", []string{"X-Auth-Token", key}, noKey},
		"a cookie":        {"", []string{"Cookie", "key=" + key + "; session=" + key}, noKey},
		"an empty one":    {"", []string{"X-Api-Key", ""}, invalid},
		"the scheme only": {"", []string{"Authorization", "Bearer"}, invalid},
		"both":            {"", []string{"Authorization", "Bearer " + key, "X-Api-Key", key}, invalid},
		"Bearer twice": {"", []string{"Authorization", "Bearer " + key, "Authorization", "Bearer " + other},
			invalid},
		"X-API-Key twice":        {"", []string{"X-Api-Key", key, "X-Api-Key", key}, invalid},
		"joined by a comma":      {"", []string{"X-Api-Key", key + ", " + other}, invalid},
		"in the query":           {"?access_token=" + key, nil, burnt},
		"in the query too":       {"?key=" + other, []string{"Authorization", "Bearer " + key}, burnt},
		"as the query":           {"?" + key, []string{"X-Api-Key", key}, burnt},
		"escaped in the query":   {"?key=%6b" + key[1:], []string{"X-Api-Key", key}, burnt},
		"in the query, no scope": {"?scope=%22&key=" + key, []string{"X-Api-Key", key}, burnt},
	} {
		for route, r := range map[string]*http.Request{
			"GET /verify":        request("GET", "/verify"+c.query, "", c.headers...),
			"HEAD /verify":       request("HEAD", "/verify"+c.query, "", c.headers...),
			"GET /verify/envoy/": request("GET", "/verify/envoy/orders"+c.query, "", c.headers...),
			"POST /verify/envoy": request("POST", "/verify/envoy"+c.query, "key="+key, c.headers...),
			"GET /api/v1/me":     request("GET", "/api/v1/me"+c.query, "", c.headers...),
			"POST /api/v1/verify": request("POST", "/api/v1/verify"+c.query, `{"key":"kl_x"}`,
				append([]string{"Content-Type", "application/json"}, c.headers...)...),
			"POST /api/v1/introspect": request("POST", "/api/v1/introspect"+c.query, "token=x",
				append([]string{"Content-Type", formType}, c.headers...)...),
		} {
			a := s.send(r)
			if (a.Code < 300) != (c.want == "") || c.want != "" && a.Code != http.StatusUnauthorized {
				t.Errorf("%s, %s: status %d", route, name, a.Code)
			}
			if got := strings.Join(a.Header().Values("WWW-Authenticate"), "|"); got != c.want {
				t.Errorf("%s, %s: WWW-Authenticate %q, want %q", route, name, got, c.want)
			}
		}
		if c.want == "" {
			continue
		}
		a := s.send(request("DELETE", "/api/v1/me/key"+c.query, "", c.headers...))
		if got := a.Header().Get("WWW-Authenticate"); a.Code != http.StatusUnauthorized || got != c.want {
			t.Errorf("DELETE /api/v1/me/key, %s: status %d, WWW-Authenticate %q", name, a.Code, got)
		}
	}
	if a := s.send(request("GET", "/verify", "", "X-Api-Key", key)); a.Code != http.StatusNoContent {
		t.Errorf("the key was revoked on the way: %d", a.Code)
	}
}
