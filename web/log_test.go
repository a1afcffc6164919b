package web

import (
	"bytes"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/keylodge/keylodge/internal/workspace"
)

// TestNoPartOfARequestLeaksAKey sends a secret in every part of a request, to
// every route, signed in and not. It must be neither in the log nor in the
// database.
func TestNoPartOfARequestLeaksAKey(t *testing.T) {
	proxy := netip.MustParsePrefix("192.0.2.1/32") // httptest's client
	s := newTestServer(t, func(c *Config) { c.TrustedProxies = []netip.Prefix{proxy} })
	cookies := s.setUp(t)
	key := s.addKey(t, "acme", workspace.NewKey{Name: "CI"})
	form := url.Values{}
	for _, name := range []string{
		"email", "password", "new_password", "token", "code", "slug", "name", "workspace_name", "q", "scope", "next",
		"reason", "nonce", "id", "role", "expires", "access",
		"issuer", "client_id", "client_secret", "domains", "addresses", "emails", "webhook", "secret", "key",
		"client_assertion", "token_type_hint",
	} {
		form.Set(name, key)
	}
	form.Set(key, "a field of this name")
	parts := map[string]func(*http.Request){
		"method":         func(r *http.Request) { r.Method = key },
		"path":           func(r *http.Request) { r.URL.Path += "/" + key },
		"escaped path":   func(r *http.Request) { r.URL.Path += "/%6b" + key[1:] },
		"query":          func(r *http.Request) { r.URL.RawQuery = form.Encode() },
		"host":           func(r *http.Request) { r.Host = key + ".localhost" },
		"malformed host": func(r *http.Request) { r.Host = key + ":1:2" },
		"header name":    func(r *http.Request) { r.Header[http.CanonicalHeaderKey(key)] = []string{"x"} },
		"cookie":         func(r *http.Request) { r.AddCookie(&http.Cookie{Name: "x-" + key, Value: key}) },
		"protocol":       func(r *http.Request) { r.Proto = key },
		"body":           func(*http.Request) {},
	}
	for _, name := range []string{
		"User-Agent", "X-Request-Id", "Traceparent", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto",
		"Forwarded", "X-Real-Ip", "Referer", "Origin", "Content-Type",
		"Content-Encoding", "Accept", "Accept-Language", "Authorization", "X-Api-Key", "Hx-Request", "Hx-Current-Url",
		"Range", "If-None-Match", "Sec-Fetch-Site", "Last-Event-Id",
		"Github-Public-Key-Identifier", "X-Keylodge-Scope", "X-Keylodge-Workspace",
	} {
		parts[name] = func(r *http.Request) { r.Header.Set(name, key) }
	}
	parts["zone of an IP"] = func(r *http.Request) { r.Header.Set("X-Forwarded-For", "fe80::1%"+key) }

	targets := []struct{ method, path string }{{"GET", "/verify"}, {"POST", "/api/v1/verify"},
		{"POST", "/api/v1/introspect"}, {"GET", "/api/v1/me"}, {"DELETE", "/api/v1/me/key"}, {"POST", "/api/v1/leaks"},
		{"GET", "/nothing"}}
	for _, route := range routes {
		if route.path != "/sign-out" { // it would end the session
			targets = append(targets, struct{ method, path string }{route.method,
				strings.ReplaceAll(route.path, ":id", key)})
		}
	}
	for _, target := range targets {
		for part, put := range parts {
			for _, signedIn := range []bool{false, true} {
				if signedIn && part != "body" && part != "User-Agent" && part != "query" {
					continue // nothing more is read
				}
				r := request(target.method, target.path, form.Encode(), "Content-Type", formType, "Sec-Fetch-Site",
					"same-origin")
				if signedIn {
					for _, cookie := range cookies {
						r.AddCookie(cookie)
					}
				}
				put(r)
				if a := s.answer(r); a.Code >= http.StatusInternalServerError &&
					a.Code != http.StatusServiceUnavailable {
					t.Errorf("%s %s with a key as %s: status %d", target.method, target.path, part, a.Code)
				}
			}
		}
	}
	if strings.Contains(s.log.String(), key) || strings.Contains(s.log.String(), key[5:35]) {
		for line := range strings.Lines(s.log.String()) {
			if strings.Contains(line, key[5:35]) {
				t.Errorf("the log holds the key: %s", line)
				break
			}
		}
	}
	files, _ := filepath.Glob(filepath.Join(s.folder, "*"))
	for _, file := range files {
		if content, err := os.ReadFile(file); err != nil || bytes.Contains(content, []byte(key[5:35])) {
			t.Errorf("%s holds the key, or can't be read: %v", filepath.Base(file), err)
		}
	}
	if len(files) < 2 || s.log.Len() < 10_000 {
		t.Errorf("%d files, %d bytes of log", len(files), s.log.Len())
	}
}
