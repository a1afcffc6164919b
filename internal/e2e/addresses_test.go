package e2e

import (
	"fmt"
	"html"
	"net/http"
	"regexp"
	"strings"
	"testing"
)

func TestAddressOfTheListWithNonsense(t *testing.T) {
	t.Parallel()
	onBothEngines(t, func(t *testing.T, database string) {
		s := start(t, database)
		s.setUp(t)
		s.addBeta(t)
		dana, ben := s.signInAt(t, "acme", danaEmail, danaPassword), s.signInAt(t, "beta", benEmail, benPassword)
		dana.addKey("Dana’s")
		for i := range 52 { // more than a page
			ben.want(ben.post("/settings/api-keys", keyForm(fmt.Sprint("Ben’s ", i), fmt.Sprint(i))), http.StatusCreated)
		}
		next := regexp.MustCompile(`rel="next" href="([^"]+)"`).FindStringSubmatch(ben.get("/settings/api-keys").body)
		if next == nil {
			t.Fatal("52 keys are on one page")
		}
		cursor := strings.TrimPrefix(html.UnescapeString(next[1]), "/settings/api-keys?after=")
		for _, query := range []string{
			"state=nonsense", "state=", "state=ACTIVE", "state=%00", "state=%ff", "state=active&state=revoked", "state=';--", "after=x", "after=%00.%00",
			"after=zzzzzzzzzzzzz." + unknownKey, "after=-zzzzzzzzzzz." + unknownKey, "after=." + unknownKey, "before=x", "after=1&before=1",
			"sort=%27", "q=" + strings.Repeat("q", 5000), "page=-1", "limit=9223372036854775807", "limit=-1", "revoked=x", "revoked=%00", "%zz=1", "a;b",
			"after=" + cursor, "before=" + cursor, "before=" + cursor + "&state=revoked", "state=expired&after=" + cursor,
		} {
			t.Run(query, func(t *testing.T) {
				a := dana.in(t).want(dana.in(t).get("/settings/api-keys?"+query), http.StatusOK, "API keys")
				if strings.Contains(a.body, "Ben") || len(dana.keyIDs()) != 1 {
					t.Errorf("the list shows what is not there:\n%s", a.body)
				}
			})
		}
		dana.want(dana.get("/settings/api-keys?state=nonsense"), http.StatusOK, "Dana’s")
	})
}

// TestAddressesThatAreNoPage has who is signed in ask for pages by other
// spellings of their addresses.
func TestAddressesThatAreNoPage(t *testing.T) {
	t.Parallel()
	s := start(t, sqliteFile(t))
	dana := s.setUp(t)
	dana.addKey("stays")
	id := dana.keyID("stays")
	for _, path := range []string{
		"/settings%2Fapi-keys", "/settings/api-keys%2Fnew", "/settings%2fapi-keys%2f" + id + "%2frevoke", "/%2Fsettings/api-keys", "//settings/api-keys",
		"/settings//api-keys", "/settings/api-keys/", "/settings/./api-keys", "/settings/%2e/api-keys", "/%2e%2e/settings/api-keys",
		"/x/..%2fsettings/api-keys", "/x/%2e%2e/settings/api-keys", "/static/..%2fsettings/api-keys", "/static/%2e%2e/settings/api-keys",
		"/static/../settings/api-keys", "/static/..%2f..%2fgo.mod", "/static/%2e%2e%2f%2e%2e%2fetc/passwd", "/static/app.css%00", "/static/%00",
		"/settings/api-keys%00", "/settings/api-keys/%00", "/settings/api-keys/new%00", "/settings/api-keys%20", "/settings/api-keys;x=1", "/settings/api-keys%3fstate=revoked",
		"/settings/api-keys%252fnew", "/SETTINGS/API-KEYS", "/settings/api-keys/" + id + "/revoke/", "/settings/api-keys/" + id + "%2Frevoke",
		"/settings/api-keys/" + id + "/..%2f" + id + "/revoke", "/api/v1/me/", "/api/v1//me", "/api/v1%2fme", "/api%2fv1%2fme",
		"/verify/", "/verify%2f", "//verify", "/verify%00", "/Verify", "/api/v1/verify%2f..%2fme", "/.git/config", "/debug/pprof/", "/metrics", "/keylodge.db", "/.env",
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
			"many headers":  "GET /nothing HTTP/1.1\r\nHost: localhost\r\n" + strings.TrimSuffix(strings.Repeat("X-Y: z\r\n", kilobytes<<7), "\r\n"),
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

func TestMethodsThatAreNotThere(t *testing.T) {
	t.Parallel()
	s := start(t, sqliteFile(t))
	dana := s.setUp(t)
	key := dana.addKey("stays")
	id := dana.keyID("stays")
	paths := map[string]string{
		"/settings/api-keys": http.MethodPost, "/settings/api-keys/new": "", "/settings/api-keys/" + id + "/revoke": http.MethodPost, "/sign-in": http.MethodPost,
		"/setup": http.MethodPost, "/settings": "", "/": "", "/api/v1/me": "", "/verify": "",
	}
	for path, takes := range paths {
		for _, method := range []string{http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodTrace, "PROPFIND", "REVOKE"} {
			if method == takes {
				continue
			}
			t.Run(method+" "+path, func(t *testing.T) {
				dana := dana.in(t)
				a := dana.want(dana.send(method, path, nil, "Authorization", "Bearer "+key, "X-Echo", "e"), http.StatusMethodNotAllowed)
				if allow := a.header.Get("Allow"); !strings.Contains(allow, "GET") || strings.Contains(allow, method) {
					t.Errorf("Allow: %q", allow)
				}
				switch {
				case path == "/verify":
				case strings.HasPrefix(path, "/api/"):
					dana.want(a, a.status, `"status":405`)
				default:
					dana.want(a, a.status, "That can’t be done here")
				}
			})
		}
	}
	for _, path := range []string{"/sign-out", "/find-workspace"} {
		dana.want(dana.get(path), http.StatusMethodNotAllowed, "That can’t be done here")
	}
	dana.want(dana.get("/settings/api-keys"), http.StatusOK, "stays")
}
