package e2e

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
)

// onEveryAnswer are the headers of every response with a body.
var onEveryAnswer = map[string]string{
	"Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; " +
		"font-src 'self'; connect-src 'self'; manifest-src 'self'; " +
		"form-action 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'; " +
		"require-trusted-types-for 'script'; trusted-types default",
	"X-Content-Type-Options":       "nosniff",
	"X-Frame-Options":              "DENY",
	"Referrer-Policy":              "same-origin",
	"Cross-Origin-Opener-Policy":   "same-origin",
	"Cross-Origin-Resource-Policy": "same-origin",
	"Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=(), " +
		"publickey-credentials-get=(self), publickey-credentials-create=(self), clipboard-write=(self)",
	"Cache-Control": "no-store",
}

var stylesheet = regexp.MustCompile(`/static/app\.[0-9a-f]+\.css`)

func TestSecurityHeaders(t *testing.T) {
	t.Parallel()
	for _, base := range []string{"", "https://keys.example.com"} {
		t.Run("base URL "+base, func(t *testing.T) {
			t.Parallel()
			flags := []string{"--addr", freeAddress(t)}
			if base != "" {
				flags = append(flags, "--base-url", base)
			}
			s := start(t, sqliteFile(t), flags...)
			s.url = "http://" + s.address
			setup := s.newClient(t).get("/setup?token=" + s.setupToken())
			session := s.newClient(t).post("/setup", setupForm(s.setupToken()))
			// A client does not send a Secure cookie over plain HTTP by itself.
			dana := func(c *client, path string, headers ...string) answer {
				var cookies []string
				for _, cookie := range (&http.Response{Header: session.header}).Cookies() {
					cookies = append(cookies, cookie.Name+"="+cookie.Value)
				}
				return c.get(path, append(headers, "Cookie", strings.Join(cookies, "; "))...)
			}
			style := stylesheet.FindString(setup.body)
			cases := []struct {
				name   string
				answer answer
				status int
				kind   string // the content type
			}{
				{"a page for anybody", s.newClient(t).get("/sign-in"), 200, "text/html"},
				{"a page", dana(s.newClient(t), "/settings/api-keys"), 200, "text/html"},
				{"a fragment", dana(s.newClient(t), "/settings/api-keys/new", "HX-Request", "true"), 200, "text/html"},
				{"a redirect", s.newClient(t).get("/settings/api-keys"), 303, ""},
				{"a page that is not there", s.newClient(t).get("/nothing"), 404, "text/html"},
				{"a method that is not there", s.newClient(t).send("PUT", "/sign-in", nil), 405, "text/html"},
				{"a form from another site",
					s.newClient(t).send("POST", "/sign-in", nil, "Sec-Fetch-Site", "cross-site"), 403, "text/html"},
				{"a form that is too large",
					s.newClient(t).post("/sign-in", fields("email", strings.Repeat("x", 2<<20))), 413, "text/html"},
				{"a form that is wrong",
					s.newClient(t).post("/sign-in", fields("email", "x", "password", "wrong password")),
					422, "text/html"},
				{"a used link", s.newClient(t).get("/setup?token=" + s.setupToken()), 410, "text/html"},
				{"a file", s.newClient(t).get(style), 200, "text/css"},
				{"a file that is not there", s.newClient(t).get("/static/app.00000000.css"), 404, "text/"},
				{"a folder of files", s.newClient(t).get("/static/"), 404, "text/"},
				{"no key at the API", s.newClient(t).get("/api/v1/me"), 401, "application/problem+json"},
				{"nothing at the API", s.newClient(t).get("/api/v1/nothing"), 404, "application/problem+json"},
				{"a check of no key", s.newClient(t).get("/verify"), 401, ""},
			}
			for _, test := range cases {
				t.Run(test.name, func(t *testing.T) {
					a := test.answer
					if a.status != test.status || !strings.HasPrefix(a.header.Get("Content-Type"), test.kind) {
						t.Errorf("status %d, %s\n%s", a.status, a.header.Get("Content-Type"), a.body)
					}
					for name, want := range onEveryAnswer {
						if test.name == "a file" && name == "Cache-Control" {
							want = "public, max-age=31536000, immutable"
						}
						if got := a.header[name]; len(got) != 1 || got[0] != want {
							t.Errorf("%s: %q", name, got)
						}
					}
					if strings.HasPrefix(a.header.Get("Content-Type"), "text/") &&
						!strings.HasSuffix(a.header.Get("Content-Type"), "; charset=utf-8") {
						t.Errorf("Content-Type: %s", a.header.Get("Content-Type"))
					}
					if (a.header.Get("Strict-Transport-Security") != "") != (base != "") {
						t.Errorf("Strict-Transport-Security: %q", a.header.Get("Strict-Transport-Security"))
					}
					for _, name := range []string{"Server", "X-Powered-By", "Access-Control-Allow-Origin"} {
						if got := a.header.Get(name); got != "" {
							t.Errorf("%s: %s", name, got)
						}
					}
				})
			}
		})
	}
}

// fetched matches the files that a page makes the browser load.
var fetched = regexp.MustCompile(`(?:href|src)="(/static/[^"]+)"`)

// TestFirstVisitIsSmall sums up what a browser with an empty cache loads for a
// full page of keys.
func TestFirstVisitIsSmall(t *testing.T) {
	t.Parallel()
	const most = 40 << 10
	s := start(t, sqliteFile(t))
	dana := s.setUp(t)
	for i := range 50 {
		name := fmt.Sprint("Nightly export to the warehouse of region ", i)
		dana.want(dana.post("/settings/api-keys", keyForm(name, name)), http.StatusCreated)
	}
	page := dana.want(dana.get("/settings/api-keys"), http.StatusOK, "region 0", "region 49")
	weight := map[string]int{}
	paths := append([]string{"/settings/api-keys"}, column2(fetched.FindAllStringSubmatch(page.body, -1))...)
	for _, path := range paths {
		a := dana.get(path, "Accept-Encoding", "gzip, deflate, br, zstd")
		if a.status != http.StatusOK || a.header.Get("Content-Encoding") != "gzip" {
			t.Errorf("%s: %d, %q", path, a.status, a.header.Get("Content-Encoding"))
		}
		weight[path] = len(a.body)
	}
	sum := 0
	for _, n := range weight {
		sum += n
	}
	t.Logf("%d bytes: %v", sum, weight)
	if sum > most || len(weight) < 4 {
		t.Errorf("a first visit takes %d bytes of at most %d: %v", sum, most, weight)
	}
}

func column2(found [][]string) (seconds []string) {
	for _, f := range found {
		seconds = append(seconds, f[1])
	}
	return seconds
}

// TestCompression follows RFC 9110, section 12.5.3. A response that shows a
// secret is never compressed.
func TestCompression(t *testing.T) {
	t.Parallel()
	s := start(t, sqliteFile(t))
	dana := s.setUp(t)
	style := stylesheet.FindString(dana.get("/settings/api-keys").body)
	for _, path := range []string{"/settings/api-keys", "/nothing", style} {
		for accept, want := range map[string]string{
			"gzip": "gzip", "gzip, br": "gzip", "br, gzip;q=0.5": "gzip",
			"identity": "", "br": "", "": "", "gzip;q=0": "", "gzip;q=0.0, br": "",
		} {
			a := dana.get(path, "Accept-Encoding", accept)
			if got := a.header.Get("Content-Encoding"); got != want {
				t.Errorf("%s with %q is encoded %q instead of %q", path, accept, got, want)
			}
			if !strings.Contains(a.header.Get("Vary"), "Accept-Encoding") {
				t.Errorf("%s: Vary: %q", path, a.header.Get("Vary"))
			}
		}
	}
	once := dana.post("/settings/api-keys", keyForm("k", "n"), "Accept-Encoding", "gzip")
	if dana.want(once, http.StatusCreated); once.header.Get("Content-Encoding") != "" {
		t.Error("an answer with a key is compressed")
	}
}
