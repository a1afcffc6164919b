package web

import (
	"io"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/keylodge/keylodge/internal/paths"
	"github.com/keylodge/keylodge/internal/postgrestest"
	"github.com/keylodge/keylodge/internal/workspace"
)

var fieldName = regexp.MustCompile(`name="([^"]+)"`)

// hostileTexts are texts that no form of ours sends.
var hostileTexts = map[string]string{
	"empty": "", "a space": " ", "NUL": "a\x00b", "only NUL": "\x00", "invalid UTF-8": "caf\xe9\xff\xfe",
	"a surrogate": "\xed\xa0\x80", "an overlong slash": "\xc0\xaf",
	"a line break": "a\r\nSet-Cookie: x=y", "direction marks": "\u202ea\u2066", "SQL": "' OR 1=1; --", "LIKE": `%_\`,
	"markup":     `"><script>alert(1)</script>`,
	"a template": "{{.}}${7*7}<%= 7 %>", "a huge number": strings.Repeat("9", 400),
	"a negative number": "-9223372036854775808", "not a number": "N.N", "a float": "1e309.5",
	"a far date": "999999999-12-31T99:99", "a path": "../../../../etc/passwd", "a URL": "//evil.example/\\@x",
	"a script": "javascript:alert(1)", "JSON": `{"a":[{}]}`,
	"escapes": "%00%ff%zz", "long": strings.Repeat("é", 600), "many lines": strings.Repeat("a@b.example\n", 200),
	"a cursor": "AAAA.key_06h0e91v9430fsvmg3v0",
}

// TestHostileInputsNeverFail sends them in every field, query and id of every
// route, signed in and not.
func TestHostileInputsNeverFail(t *testing.T) {
	t.Parallel()
	t.Run("SQLite", func(t *testing.T) {
		t.Parallel()
		testHostileInputs(t, newTestServer(t), hostileTexts)
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		texts := map[string]string{} // what it does not take for text, or for a number
		for _, what := range []string{"NUL", "invalid UTF-8", "a surrogate", "a huge number", "a far date"} {
			texts[what] = hostileTexts[what]
		}
		testHostileInputs(t, newTestServerOn(t, postgrestest.URL(t)), texts)
	})
}

func testHostileInputs(t *testing.T, s *testServer, texts map[string]string) {
	cookies := s.setUp(t)
	s.addWorkspace(t, "beta")
	names := map[string]bool{}
	send := func(method, target, body, kind string, signedIn bool) int {
		u, err := url.Parse(target)
		if err != nil {
			t.Fatal(err)
		}
		r := request(method, "/", body, "Content-Type", kind, "Sec-Fetch-Site", "same-origin")
		r.URL, r.RequestURI = u, u.RequestURI()
		r.Host = "acme.localhost"
		if signedIn {
			for _, cookie := range cookies {
				r.AddCookie(cookie)
			}
		}
		a := s.answer(r)
		for _, found := range fieldName.FindAllStringSubmatch(a.Body.String(), -1) {
			names[found[1]] = true
		}
		if to, err := url.Parse(a.Header().Get("Location")); err != nil || to.Host != "" &&
			to.Host != "acme.localhost" {
			t.Errorf("%s %s leads to %s", method, target[:min(len(target), 80)], a.Header().Get("Location"))
		}
		if strings.Contains(a.Body.String(), "<script>alert(1)") {
			t.Errorf("%s %s: markup comes back as it was sent", method, target[:min(len(target), 80)])
		}
		return a.Code
	}
	for _, route := range routes {
		if route.method == http.MethodGet {
			send(http.MethodGet, strings.ReplaceAll(route.path, ":id", "x"), "", "", true)
		}
	}
	for _, name := range []string{"after", "before", "next", "token", "state", "code", "error", "error_description",
		"q", "sort", "from", "to", "id", "scope", "hub", "iss"} {
		names[name] = true
	}
	if len(names) < 30 {
		t.Fatalf("only the fields %v were found", names)
	}
	for what, text := range texts {
		form := url.Values{}
		for name := range names {
			form.Set(name, text)
		}
		query := url.Values{}
		for name := range names {
			query.Set(name, text[:min(len(text), 300)])
		}
		for _, route := range routes {
			if route.path == "/sign-out" || strings.HasPrefix(route.path, "/static") {
				continue
			}
			for _, signedIn := range []bool{true, false} {
				if !signedIn && what != "NUL" && what != "a URL" {
					continue
				}
				id := text[:min(len(text), 300)]
				if signedIn && strings.HasPrefix(route.path, paths.Keys+"/:id") {
					id = s.newKey(t, "acme", workspace.NewKey{Name: "CI"}).ID
				}
				target := strings.ReplaceAll(route.path, ":id", url.PathEscape(id))
				code := send(route.method, target+"?"+query.Encode(), form.Encode(), formType, signedIn)
				if code >= 500 && code != http.StatusServiceUnavailable {
					t.Errorf("%s as everything of %s %s, signed in %v: status %d", what, route.method, route.path,
						signedIn, code)
				}
				for _, kind := range []string{"", "multipart/form-data; boundary=x", "application/json", "text/plain",
					"application/x-www-form-urlencoded; charset=utf-16"} {
					if what != "JSON" && what != "NUL" {
						break
					}
					if code := send(route.method, target, text, kind, signedIn); code >= 500 &&
						code != http.StatusServiceUnavailable {
						t.Errorf("%s as the body %q of %s %s, signed in %v: status %d", what, kind, route.method,
							route.path, signedIn, code)
					}
				}
			}
		}
		if code := send(http.MethodGet, paths.Sessions, "", "", true); code != http.StatusOK {
			t.Fatalf("%s has ended the session: status %d", what, code)
		}
		for _, path := range []string{"/verify", "/api/v1/verify", "/api/v1/introspect", "/verify/envoy"} {
			for _, kind := range []string{formType, "application/json", ""} {
				if code := send(http.MethodPost, path+"?"+query.Encode(), text, kind, false); code >= 500 {
					t.Errorf("%s as the body %q of %s: status %d", what, kind, path, code)
				}
			}
		}
	}
}

// TestBrokenBodyIsTheClientsFault disconnects, or sends too slowly, in the
// middle of a body.
func TestBrokenBodyIsTheClientsFault(t *testing.T) {
	s := newTestServer(t)
	s.addWorkspace(t, "acme")
	key := s.addKey(t, "acme", workspace.NewKey{})
	for path, kind := range map[string]string{
		"/api/v1/verify": "application/json", "/api/v1/introspect": formType, "/api/v1/leaks": "application/json",
		"/sign-in": formType, "/sign-in/passkey": "application/json", "/setup": formType,
	} {
		for name, err := range map[string]error{"hangs up": io.ErrUnexpectedEOF, "is slow": os.ErrDeadlineExceeded} {
			r := request("POST", path, "", "Authorization", "Bearer "+key, "Content-Type", kind)
			r.Body, r.ContentLength = io.NopCloser(io.MultiReader(strings.NewReader(`{"`), iotest.ErrReader(err))), 100
			if a := s.answer(r); a.Code >= 500 || a.Code < 400 {
				t.Errorf("a client that %s at %s gets %d", name, path, a.Code)
			}
		}
	}
	if strings.Contains(s.log.String(), "level=ERROR") {
		t.Errorf("the log has an error of ours:\n%s", s.log.String())
	}
}
