package e2e

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// setCookies returns the cookies of an answer by name.
func setCookies(a answer) map[string]*http.Cookie {
	all := map[string]*http.Cookie{}
	for _, line := range a.header["Set-Cookie"] {
		if cookie, err := http.ParseSetCookie(line); err == nil {
			all[cookie.Name] = cookie
		}
	}
	return all
}

func signInForm(email, password string) url.Values {
	return fields("email", email, "password", password)
}

func TestCookies(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, prefix string
		secure       bool
		flags        []string
	}{
		{"http", "", false, nil},
		{"https", "__Host-", true, []string{"--base-url", "https://keys.example.com"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := start(t, sqliteFile(t), append([]string{"--addr", freeAddress(t)}, c.flags...)...)
			browser := s.newClient(t)
			browser.base = strings.Replace(s.url, "https:", "http:", 1) // the proxy that speaks TLS is not here
			setUp := browser.want(browser.post("/setup", setupForm(s.setupToken())), http.StatusSeeOther)
			session := c.prefix + "session=" + setCookies(setUp)[c.prefix+"session"].Value
			another := s.newClient(t)
			another.base = browser.base
			signIn := browser.want(another.post("/sign-in", signInForm(danaEmail, danaPassword)), http.StatusSeeOther)
			once := browser.want(browser.post("/settings/api-keys", keyForm("k", "n"), "Cookie", session), http.StatusCreated)
			list := browser.want(browser.get("/settings/api-keys", "Cookie", session), http.StatusOK)
			out := browser.want(browser.post("/sign-out", nil, "Cookie", session), http.StatusSeeOther)
			seen := map[string]bool{}
			for _, a := range []answer{setUp, signIn, once, list, out} {
				for name, cookie := range setCookies(a) {
					seen[name] = true
					if !cookie.HttpOnly || cookie.SameSite != http.SameSiteLaxMode || cookie.Path != "/" || cookie.Secure != c.secure || cookie.Domain != "" {
						t.Errorf("a cookie is not as it should be: %s", cookie.Raw)
					}
					if !strings.HasPrefix(name, c.prefix) || len(cookie.Raw) > 4096 {
						t.Errorf("the name or size of a cookie: %s", cookie.Raw)
					}
				}
				hsts := a.header.Get("Strict-Transport-Security")
				if c.secure != (hsts == "max-age=63072000; includeSubDomains") || !c.secure && hsts != "" {
					t.Errorf("HSTS: %q", hsts)
				}
			}
			for _, name := range []string{"session", "device", "shown"} {
				if !seen[c.prefix+name] {
					t.Errorf("no cookie %s%s", c.prefix, name)
				}
			}
			if cookie := setCookies(signIn)[c.prefix+"session"]; cookie.MaxAge != 0 || !cookie.Expires.IsZero() {
				t.Errorf("the session outlives the browser: %s", cookie.Raw)
			}
			if c.secure { // a name without the prefix, which a subdomain could set, is nothing
				a := browser.get("/settings/api-keys", "Cookie", strings.TrimPrefix(session, "__Host-"))
				browser.want(a, http.StatusSeeOther)
			}
		})
	}
}

func TestSession(t *testing.T) {
	t.Parallel()
	s := start(t, sqliteFile(t))
	stranger := s.newClient(t)
	const planted = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
	u, err := url.Parse(s.url)
	if err != nil {
		t.Fatal(err)
	}
	stranger.jar.SetCookies(u, []*http.Cookie{{Name: "session", Value: planted, Path: "/"}})
	a := stranger.want(stranger.post("/setup", setupForm(s.setupToken())), http.StatusSeeOther)
	first := setCookies(a)["session"].Value
	dana := stranger
	with := func(token string) answer {
		return s.newClient(t).get("/settings/api-keys", "Cookie", "session="+token)
	}

	t.Run("one that was planted before is not used", func(t *testing.T) {
		if first == planted || with(planted).status != http.StatusSeeOther || with(first).status != http.StatusOK {
			t.Error("the session's token was chosen from outside")
		}
	})
	t.Run("signing in again makes another and ends the first", func(t *testing.T) {
		a := dana.want(dana.post("/sign-in", signInForm(danaEmail, danaPassword)), http.StatusSeeOther)
		second := setCookies(a)["session"].Value
		if second == first || with(first).status != http.StatusSeeOther || with(second).status != http.StatusOK {
			t.Error("the older session lives")
		}
		first = second
	})
	t.Run("its token is in no body and no address", func(t *testing.T) {
		dana := dana.in(t)
		once := dana.post("/settings/api-keys", keyForm("k", "n"))
		id := dana.keyID("k")
		device := dana.cookies()
		for _, a := range []answer{
			once, dana.get("/"), dana.get("/settings/api-keys"), dana.get("/settings/api-keys/new"), dana.get("/settings/api-keys/" + id + "/revoke"),
			dana.get("/sign-in"), dana.get("/api/v1/me"), dana.get("/nothing"), dana.get("/settings"),
		} {
			for _, cookie := range strings.Split(device, "; ") {
				if _, value, _ := strings.Cut(cookie, "="); strings.Contains(a.body, value) || strings.Contains(a.location(), value) {
					t.Errorf("a cookie's value is in an answer: %d %s\n%s", a.status, a.location(), a.body)
				}
			}
		}
		if strings.Contains(databaseContent(t, s.database), first) {
			t.Error("the database holds the token")
		}
	})
	t.Run("a token that was changed is none", func(t *testing.T) {
		for _, token := range []string{first[:len(first)-1], first + "A", strings.ToLower(first), strings.ToUpper(first), first[1:], " ", "", "%00", first + "%00", "'or'1'='1", strings.Repeat("A", 4000)} {
			if a := with(token); a.status != http.StatusSeeOther || !strings.HasPrefix(a.location(), "/sign-in") {
				t.Errorf("%d with %q", a.status, token)
			}
		}
		if flipped := flip(first); with(flipped).status != http.StatusSeeOther {
			t.Error("a token with one character changed signs in")
		}
	})
	t.Run("signed out is out", func(t *testing.T) {
		dana := dana.in(t)
		key := dana.addKey("lives on")
		out := dana.want(dana.post("/sign-out", nil), http.StatusSeeOther)
		if got := out.header.Get("Clear-Site-Data"); got != `"cache", "storage"` {
			t.Errorf("Clear-Site-Data: %s", got)
		}
		if cookie := setCookies(out)["session"]; cookie == nil || cookie.MaxAge >= 0 {
			t.Errorf("the browser keeps the session: %v", cookie)
		}
		dana.want(dana.get(out.location()), http.StatusOK, "You are signed out.")
		if with(first).status != http.StatusSeeOther {
			t.Error("the old cookie still signs in")
		}
		a := s.newClient(t).post("/settings/api-keys", keyForm("replayed", "r"), "Cookie", "session="+first)
		if a.status != http.StatusSeeOther || count(t, s.database, `SELECT COUNT(*) FROM keys WHERE name = 'replayed'`) != 0 {
			t.Errorf("the old cookie adds a key: %d", a.status)
		}
		me := s.newClient(t)
		me.want(me.get("/api/v1/me", "Cookie", "session="+first), http.StatusUnauthorized)
		me.want(me.post("/sign-out", nil, "Cookie", "session="+first), http.StatusSeeOther) // again
		if s.verify(t, key).status != http.StatusNoContent {
			t.Error("a key died with the session")
		}
	})
	t.Run("who is not signed in comes back to where they were", func(t *testing.T) {
		a := s.newClient(t).get("/settings/api-keys?state=revoked")
		if to, err := url.Parse(a.location()); err != nil || to.Path != "/sign-in" || to.Query().Get("next") != "/settings/api-keys?state=revoked" {
			t.Errorf("%q", a.location())
		}
		a = s.newClient(t).get("/settings/api-keys", "HX-Request", "true")
		if a.status != http.StatusUnauthorized || a.header.Get("HX-Redirect") != "/sign-in" || strings.Contains(a.body, "<") {
			t.Errorf("htmx gets %d %s", a.status, a.body)
		}
	})
}

// flip changes one character in the middle of a token.
func flip(token string) string {
	b := []byte(token)
	if b[20] == 'A' {
		b[20] = 'B'
	} else {
		b[20] = 'A'
	}
	return string(b)
}

// TestSessionIsOfOneWorkspace: two workspaces on one installation share nothing
// but people's accounts.
func TestSessionIsOfOneWorkspace(t *testing.T) {
	t.Parallel()
	s := start(t, sqliteFile(t))
	alone := s.setUp(t)
	alone.want(alone.get("/settings/api-keys"), http.StatusOK) // the only workspace is at the base host
	s.addBeta(t)
	dana, ben := s.signInAt(t, "acme", danaEmail, danaPassword), s.signInAt(t, "beta", benEmail, benPassword)
	key := dana.addKey("Dana’s")
	token := strings.Split(dana.cookies(), "session=")[1]
	token, _, _ = strings.Cut(token, ";")

	for _, slug := range []string{"beta", "gamma", "acme.beta", "acme"} {
		t.Run(slug, func(t *testing.T) {
			at := s.newClient(t).at(slug)
			want := map[string]int{"beta": http.StatusSeeOther, "acme": http.StatusOK}[slug]
			if want == 0 {
				want = http.StatusNotFound
			}
			at.want(at.get("/settings/api-keys", "Cookie", "session="+token), want)
			if slug != "acme" {
				at.want(at.get("/api/v1/me", "Cookie", "session="+token), map[bool]int{true: http.StatusUnauthorized, false: http.StatusNotFound}[slug == "beta"])
				a := at.post("/settings/api-keys", keyForm("stray", slug), "Cookie", "session="+token)
				at.want(a, want)
			}
			verify := map[bool]int{true: http.StatusNoContent, false: http.StatusUnauthorized}[slug == "acme"]
			if got := at.get("/verify", "Authorization", "Bearer "+key).status; got != verify {
				t.Errorf("the key gets %d at %s", got, slug)
			}
		})
	}
	if n := count(t, s.database, `SELECT COUNT(*) FROM keys`); n != 1 {
		t.Errorf("%d keys", n)
	}
	ben.want(ben.post("/sign-in", signInForm(danaEmail, danaPassword)), http.StatusUnprocessableEntity) // no member of beta

	base := s.newClient(t)
	for _, path := range []string{"/", "/sign-in", "/settings/api-keys"} {
		base.want(base.get(path, "Cookie", "session="+token), http.StatusOK, "Find your workspace")
	}
	if s.verify(t, key).status != http.StatusNoContent {
		t.Error("the base host does not know the key")
	}
	_, port, _ := strings.Cut(strings.TrimPrefix(s.url, "http://"), ":")
	for typed, slug := range map[string]string{"acme": "acme", " Beta ": "beta", "acme.localhost:" + port: "acme"} {
		a := base.want(base.post("/find-workspace", fields("slug", typed)), http.StatusSeeOther)
		if want := fmt.Sprintf("http://%s.localhost:%s/", slug, port); a.location() != want {
			t.Errorf("%q leads to %q", typed, a.location())
		}
	}
	for _, typed := range []string{"gamma", "", "acme.evil.example", "//evil.example", "acme/../x", "\x00", "\xff", strings.Repeat("a", 5000), `"><b>`} {
		a := base.post("/find-workspace", fields("slug", typed))
		base.want(a, http.StatusUnprocessableEntity, "There is no workspace at this address")
		if strings.Contains(a.body, "<b>") || typed != "" && returns(typed) && !strings.Contains(a.text(), `value="`+typed+`"`) {
			t.Errorf("%q comes back otherwise", typed)
		}
	}
}
