package httpguard

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/keylodge/keylodge/internal/secret"
)

func TestPath(t *testing.T) {
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
		"/settings/" + key + "/revoke":   "/settings/[redacted]/revoke",
		"/" + key[:len(key)-1]:           "/[redacted]", // mistyped
		"/" + key[5:]:                    "/[redacted]",
		"/acme_live_" + key + "x":        "/[redacted]",
		"/a/" + hex(key):                 "[redacted]", // what "%25…" in the request comes to
		"/a/" + hex(hex(key)):            "[redacted]",
		"/%zz/" + hex(key[:8]) + key[8:]: "/%zz/" + hex(key[:8])[:3*8-2] + "[redacted]",
		"/" + strings.Repeat("a/", 500):  "/" + strings.Repeat("a/", 500)[:maxRedacted-1],
		"/" + strings.Repeat("b-", maxRedacted/2-20) + key[3:]: "/" +
			strings.Repeat("b-", maxRedacted/2-20) + "[redacted]",
	} {
		got := Path(&http.Request{URL: &url.URL{Path: path}})
		if got != want {
			t.Errorf("%d characters of a path are logged as %q, want %q", len(path), got, want)
		}
	}
}

func TestMethod(t *testing.T) {
	for method, want := range map[string]string{"GET": "GET", "PATCH": "PATCH", "get": "other", "PROPFIND": "other",
		"kl_x": "other", "": "other"} {
		if got := Method(&http.Request{Method: method}); got != want {
			t.Errorf("%q is logged as %q", method, got)
		}
	}
}
