package web

import (
	"bytes"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/keylodge/keylodge/internal/secret"
	"github.com/keylodge/keylodge/internal/workspace"
)

func TestLoggedPath(t *testing.T) {
	key := secret.New("kl").Reveal()
	hex := func(text string) (all string) {
		for i := range len(text) {
			all += fmt.Sprintf("%%%02x", text[i])
		}
		return all
	}
	for path, want := range map[string]string{
		"/settings/api-keys/key_06h0e91v9430fsvmg3v0/revoke": "/settings/api-keys/key_06h0e91v9430fsvmg3v0/revoke",
		"/static/app.0123456789abcdef.css":                   "/static/app.0123456789abcdef.css",
		"/100%":                                              "/100%", "/a%20b": "/a%20b", "/%zz": "/%zz",
		"/settings/" + key + "/revoke":                       "/settings/[redacted]/revoke",
		"/" + key[:len(key)-1]:                               "/[redacted]", // mistyped
		"/" + key[5:]:                                        "/[redacted]",
		"/acme_live_" + key + "x":                            "/[redacted]",
		"/a/" + hex(key):                                     "[redacted]", // what "%25…" in the request comes to
		"/a/" + hex(hex(key)):                                "[redacted]",
		"/%zz/" + hex(key[:8]) + key[8:]:                     "/%zz/" + hex(key[:8])[:3*8-2] + "[redacted]",
		"/" + strings.Repeat("a/", 500):                      "/" + strings.Repeat("a/", 500)[:maxLogged-1],
		"/" + strings.Repeat("b-", maxLogged/2-20) + key[3:]: "/" + strings.Repeat("b-", maxLogged/2-20) + "[redacted]",
	} {
		got := loggedPath(&http.Request{URL: &url.URL{Path: path}})
		if got != want {
			t.Errorf("%d characters of a path are logged as %q, want %q", len(path), got, want)
		}
	}
}

func TestLoggedMethod(t *testing.T) {
	for method, want := range map[string]string{"GET": "GET", "PATCH": "PATCH", "get": "other", "PROPFIND": "other",
		"kl_x": "other", "": "other"} {
		if got := loggedMethod(&http.Request{Method: method}); got != want {
			t.Errorf("%q is logged as %q", method, got)
		}
	}
}

// TestNoPartOfARequestLeaksAKey sends a key in every part of a request, to
// every route, as a stranger and signed in: neither the log nor the database
// has it.
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

	targets := []struct{ method, path string }{{"GET", verifyPath}, {"POST", verifyJSONPath}, {"POST", introspectPath},
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
