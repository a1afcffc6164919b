package e2e

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// TestURLsThatAreNoPage has who is signed in ask for pages by other
// spellings of their addresses.
func TestURLsThatAreNoPage(t *testing.T) {
	t.Parallel()
	s := start(t, sqliteFile(t))
	dana := s.setUp(t)
	dana.addKey("stays")
	id := dana.keyID("stays")
	for _, path := range []string{
		"/settings%2Fapi-keys", "/settings/api-keys%2Fnew", "/settings%2fapi-keys%2f" + id + "%2frevoke",
		"/%2Fsettings/api-keys", "//settings/api-keys",
		"/settings//api-keys", "/settings/api-keys/", "/settings/./api-keys", "/settings/%2e/api-keys",
		"/%2e%2e/settings/api-keys",
		"/x/..%2fsettings/api-keys", "/x/%2e%2e/settings/api-keys", "/static/..%2fsettings/api-keys",
		"/static/%2e%2e/settings/api-keys",
		"/static/../settings/api-keys", "/static/..%2f..%2fgo.mod", "/static/%2e%2e%2f%2e%2e%2fetc/passwd",
		"/static/app.css%00", "/static/%00",
		"/settings/api-keys%00", "/settings/api-keys/%00", "/settings/api-keys/new%00", "/settings/api-keys%20",
		"/settings/api-keys;x=1", "/settings/api-keys%3fstate=revoked",
		"/settings/api-keys%252fnew", "/SETTINGS/API-KEYS", "/settings/api-keys/" + id + "/revoke/",
		"/settings/api-keys/" + id + "%2Frevoke",
		"/settings/api-keys/" + id + "/..%2f" + id + "/revoke", "/api/v1/me/", "/api/v1//me", "/api/v1%2fme",
		"/api%2fv1%2fme",
		"/verify/", "/verify%2f", "//verify", "/verify%00", "/Verify", "/api/v1/verify%2f..%2fme", "/.git/config",
		"/debug/pprof/", "/metrics", "/keylodge.db", "/.env",
	} {
		t.Run(path, func(t *testing.T) {
			a := s.converse(t, "GET "+path+" HTTP/1.1\r\nHost: localhost\r\nCookie: "+dana.cookies()+"\r\n\r\n")
			if a.status != http.StatusNotFound && a.status != http.StatusBadRequest {
				t.Errorf("status %d, to %q\n%s", a.status, a.location(), a.body)
			}
			if strings.Contains(a.body, id) || strings.Contains(a.body, "module ") {
				t.Errorf("it shows something:\n%s", a.body)
			}
		})
	}
}

func TestEndlessHeaders(t *testing.T) {
	t.Parallel()
	s := start(t, sqliteFile(t))
	dana := s.setUp(t)
	for _, kilobytes := range []int{8, 32, 1024} {
		long := strings.Repeat("x", kilobytes<<10)
		for name, request := range map[string]string{
			"cookie":        "GET /settings/api-keys HTTP/1.1\r\nHost: localhost\r\nCookie: session=" + long,
			"header":        "GET /settings/api-keys HTTP/1.1\r\nHost: localhost\r\nX-Long: " + long,
			"key":           "GET /verify HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer kl_" + long,
			"address":       "GET /" + long + " HTTP/1.1\r\nHost: localhost",
			"name of host":  "GET / HTTP/1.1\r\nHost: " + long,
			"many headers":  "GET /nothing HTTP/1.1\r\nHost: localhost" + strings.Repeat("\r\nX-Y: z", kilobytes<<7),
			"where to next": "GET /sign-in?next=/" + long + " HTTP/1.1\r\nHost: localhost",
		} {
			t.Run(fmt.Sprint(kilobytes, " KiB of ", name), func(t *testing.T) {
				a := s.converse(t, request+"\r\n\r\n")
				if kilobytes > 16 && a.status/100 != 4 || a.status >= 500 {
					t.Errorf("status %d", a.status)
				}
			})
		}
	}
	dana.want(dana.get("/settings/api-keys"), http.StatusOK)
}

func TestRequestsThatParsersReadDifferently(t *testing.T) {
	t.Parallel()
	s := start(t, sqliteFile(t))
	s.setUp(t)
	const head = "POST /sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n"
	for name, request := range map[string]string{
		"a length and chunks":      head + "Content-Length: 3\r\nTransfer-Encoding: chunked, identity\r\n\r\na=b",
		"two lengths":              head + "Content-Length: 3\r\nContent-Length: 4\r\n\r\na=bc",
		"a negative length":        head + "Content-Length: -1\r\n\r\n",
		"two hosts":                head + "Host: evil.example\r\nContent-Length: 0\r\n\r\n",
		"no host":                  "GET /sign-in HTTP/1.1\r\n\r\n",
		"a space before the colon": head + "X-Y : z\r\nContent-Length: 0\r\n\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			if a := s.converse(t, request); a.status/100 != 4 && a.status != http.StatusNotImplemented {
				t.Errorf("status %d", a.status)
			}
		})
	}
}
