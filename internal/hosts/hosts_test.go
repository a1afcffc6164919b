package hosts

import (
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

func TestSlugOfHost(t *testing.T) {
	h := NewBase(&url.URL{Scheme: "http", Host: "LocalHost:8080"})
	for host, want := range map[string]string{
		"localhost:8080": "", "localhost": "", "localhost.": "", "127.0.0.1:8080": "", "evil.example": "", "": "",
		"xlocalhost": "",
		"[::1]":      "", "[::1]:8080": "", "[2001:DB8::1]:": "", "keylodge_web-1:8080": "",
		"xn--schlssel-95a.example": "", "localhost.acme": "",
		"acme.localhost:8080": "acme", "ACME.Localhost": "acme", "acme.localhost.": "acme",
		"acme.localhost.:8080": "acme", "acme.localhost:": "acme",
		"acme.localhost:443": "acme", "a.b.localhost": "a.b",

		"acme.localhost..": NoWorkspace, "acme..localhost": NoWorkspace, ".acme.localhost": NoWorkspace,
		".localhost": NoWorkspace,
		".":          NoWorkspace, ":": NoWorkspace, ":8080": NoWorkspace,
		"acme.localhost:80:80": NoWorkspace, "acme.localhost:80:": NoWorkspace, "acme.localhost::80": NoWorkspace,
		"acme.localhost:80.": NoWorkspace, "acme.localhost:x": NoWorkspace,
		"acme.localhost:65536": NoWorkspace, "acme.localhost:-1": NoWorkspace,
		"acme.localhost:+80": NoWorkspace, "::1": NoWorkspace,
		"[::1": NoWorkspace, "[::1]]": NoWorkspace, "[::1]8080": NoWorkspace,
		"[::1]:80:80": NoWorkspace, "[]": NoWorkspace, "[": NoWorkspace, "[127.0.0.1]": NoWorkspace,
		"[fe80::1%eth0]":      NoWorkspace,
		"[acme.localhost]":    NoWorkspace,
		"user@acme.localhost": NoWorkspace, "acme.localhost@x": NoWorkspace, "acme%2elocalhost": NoWorkspace,
		"acme.localhost%00": NoWorkspace, "acme.localhost\x00": NoWorkspace,
		"acme.localhost ": NoWorkspace, " acme.localhost": NoWorkspace, "acme.localhost,x": NoWorkspace,
		"acme.localhost/":  NoWorkspace,
		`acme.localhost\x`: NoWorkspace, "acme.localhost#": NoWorkspace,
		"acme。localhost": NoWorkspace, "acme.loca\u017fhost": NoWorkspace,
		"schlüssel.example": NoWorkspace, "\xff.localhost": NoWorkspace,
		"*.localhost":                          NoWorkspace,
		strings.Repeat("a", 64) + ".localhost": NoWorkspace, strings.Repeat("a.", 130) + "localhost": NoWorkspace,
	} {
		if got := h.Slug(host); got != want {
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
	h := NewBase(&url.URL{Scheme: "http", Host: "localhost"})
	f.Fuzz(func(t *testing.T, host string) {
		if h.Slug(host) != "" {
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

func TestHostWithUserInfoIsInvalid(t *testing.T) {
	if ValidRequest(httptest.NewRequest("GET", "http://beta@localhost/sign-in", nil)) {
		t.Error("a URL with user info is valid")
	}
}
