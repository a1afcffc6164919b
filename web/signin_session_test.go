package web

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// TestSessionsAreOnesOwn tries to see and end the sessions of others.
func TestSessionsAreOnesOwn(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	dana := s.newOwner(t)
	s.addSam(t, "owner")
	other := s.signIn(t, testOwner)
	page := dana.fetch("/account/sessions").want(http.StatusOK, "This browser")
	_, after, _ := strings.Cut(page.body, `action="/account/sessions/ses_`)
	end, _, _ := strings.Cut(after, `"`)
	end = "/account/sessions/ses_" + end
	sam := s.signIn(t, samEmail)
	if list := sam.fetch("/account/sessions").want(http.StatusOK); strings.Count(list.body, "<tr") != 2 {
		t.Errorf("Sam has one session:\n%s", list.unescaped())
	}
	sam.post(end, nil).want(http.StatusNotFound)
	other.fetch("/settings/api-keys").want(http.StatusOK)
	dana.post(end, nil).want(http.StatusSeeOther)
	dana.post(end, nil).want(http.StatusNotFound)
	dana.post("/account/sessions/end-others", nil).want(http.StatusNotFound)
	if n := s.count(t, `SELECT COUNT(*) FROM events WHERE action = 'session.ended'`); n != 1 {
		t.Errorf("%d endings are in the audit trail", n)
	}
}

func TestSession(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	stranger := s.newClient(t)
	const planted = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
	u, err := url.Parse(testBase)
	if err != nil {
		t.Fatal(err)
	}
	stranger.jar.SetCookies(u, []*http.Cookie{{Name: "session", Value: planted, Path: "/"}})
	a := stranger.post("/setup", setupForm(s.setupToken(t))).want(http.StatusSeeOther)
	first := setCookies(a)["session"].Value
	dana := stranger
	with := func(token string) *page {
		return s.newClient(t).fetch("/settings/api-keys", "Cookie", "session="+token)
	}

	t.Run("one that was planted before is not used", func(t *testing.T) {
		if first == planted || with(planted).status != http.StatusSeeOther || with(first).status != http.StatusOK {
			t.Error("the session's token was chosen from outside")
		}
	})
	t.Run("signing in again makes another and ends the first", func(t *testing.T) {
		a := dana.post("/sign-in", signInForm(testOwner, testPassword)).want(http.StatusSeeOther)
		second := setCookies(a)["session"].Value
		if second == first || with(first).status != http.StatusSeeOther || with(second).status != http.StatusOK {
			t.Error("the older session lives")
		}
		first = second
	})
	t.Run("its token is in no body and no address", func(t *testing.T) {
		dana := dana.in(t)
		once := dana.post("/settings/api-keys", addKeyForm("k", "n"))
		id := dana.keyID("k")
		device := dana.cookies()
		for _, a := range []*page{
			once, dana.fetch("/"), dana.fetch("/settings/api-keys"), dana.fetch("/settings/api-keys/new"),
			dana.fetch("/settings/api-keys/" + id + "/revoke"),
			dana.fetch("/sign-in"), dana.fetch("/api/v1/me"), dana.fetch("/nothing"), dana.fetch("/settings"),
		} {
			for _, cookie := range strings.Split(device, "; ") {
				if _, value, _ := strings.Cut(cookie, "="); strings.Contains(a.body, value) ||
					strings.Contains(a.location(), value) {
					t.Errorf("a cookie's value is in an *page: %d %s\n%s", a.status, a.location(), a.body)
				}
			}
		}
		if strings.Contains(s.databaseContent(t), first) {
			t.Error("the database holds the token")
		}
	})
	t.Run("a token that was changed is none", func(t *testing.T) {
		for _, token := range []string{first[:len(first)-1], first + "A", strings.ToLower(first),
			strings.ToUpper(first), first[1:], " ", "", "%00", first + "%00", "'or'1'='1", strings.Repeat("A", 4000)} {
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
		out := dana.post("/sign-out", nil).want(http.StatusSeeOther)
		if got := out.header.Get("Clear-Site-Data"); got != `"cache", "storage"` {
			t.Errorf("Clear-Site-Data: %s", got)
		}
		if cookie := setCookies(out)["session"]; cookie == nil || cookie.MaxAge >= 0 {
			t.Errorf("the browser keeps the session: %v", cookie)
		}
		dana.fetch(out.location()).want(http.StatusOK, "You are signed out.")
		if with(first).status != http.StatusSeeOther {
			t.Error("the old cookie still signs in")
		}
		a := s.newClient(t).post("/settings/api-keys", addKeyForm("replayed", "r"), "Cookie", "session="+first)
		if a.status != http.StatusSeeOther || s.count(t, `SELECT COUNT(*) FROM keys WHERE name = 'replayed'`) != 0 {
			t.Errorf("the old cookie adds a key: %d", a.status)
		}
		me := s.newClient(t)
		me.fetch("/api/v1/me", "Cookie", "session="+first).want(http.StatusUnauthorized)
		me.post("/sign-out", nil, "Cookie", "session="+first).want(http.StatusSeeOther) // again
		if s.verify(t, key).status != http.StatusNoContent {
			t.Error("a key died with the session")
		}
	})
	t.Run("who is not signed in comes back to where they were", func(t *testing.T) {
		a := s.newClient(t).fetch("/settings/api-keys?state=revoked")
		if to, err := url.Parse(a.location()); err != nil || to.Path != "/sign-in" ||
			to.Query().Get("next") != "/settings/api-keys?state=revoked" {
			t.Errorf("%q", a.location())
		}
		a = s.newClient(t).fetch("/settings/api-keys", "HX-Request", "true")
		if a.status != http.StatusUnauthorized || a.header.Get("HX-Redirect") != "/sign-in" ||
			strings.Contains(a.body, "<") {
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

// TestSessionIsOfOneWorkspace runs two workspaces on one installation. They
// share only users' accounts.
func TestSessionIsOfOneWorkspace(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	alone := s.newOwner(t)
	alone.fetch("/settings/api-keys").want(http.StatusOK) // the only workspace is at the base host
	s.addBeta(t)
	dana, ben := s.signInAt(t, "acme", testOwner), s.signInAt(t, "beta", benEmail)
	key := dana.addKey("Dana’s")
	token := strings.Split(dana.cookies(), "session=")[1]
	token, _, _ = strings.Cut(token, ";")

	for slug, want := range map[string]struct{ page, me, verify int }{
		"acme":      {http.StatusOK, 0, http.StatusNoContent},
		"beta":      {http.StatusSeeOther, http.StatusUnauthorized, http.StatusUnauthorized},
		"gamma":     {http.StatusNotFound, http.StatusNotFound, http.StatusUnauthorized},
		"acme.beta": {http.StatusNotFound, http.StatusNotFound, http.StatusUnauthorized},
	} {
		t.Run(slug, func(t *testing.T) {
			at := s.newClient(t).at(slug)
			at.fetch("/settings/api-keys", "Cookie", "session="+token).want(want.page)
			if slug != "acme" {
				at.fetch("/api/v1/me", "Cookie", "session="+token).want(want.me)
				a := at.post("/settings/api-keys", addKeyForm("stray", slug), "Cookie", "session="+token)
				a.want(want.page)
			}
			if got := at.fetch("/verify", "Authorization", "Bearer "+key).status; got != want.verify {
				t.Errorf("the key gets %d at %s", got, slug)
			}
		})
	}
	if n := s.count(t, `SELECT COUNT(*) FROM keys`); n != 1 {
		t.Errorf("%d keys", n)
	}
	ben.post("/sign-in", signInForm(testOwner, testPassword)).want(http.StatusUnprocessableEntity) // no member of beta

	base := s.newClient(t)
	for _, path := range []string{"/", "/sign-in", "/settings/api-keys"} {
		base.fetch(path, "Cookie", "session="+token).want(http.StatusOK, "Find your workspace")
	}
	if s.verify(t, key).status != http.StatusNoContent {
		t.Error("the base host does not know the key")
	}
	for typed, slug := range map[string]string{"acme": "acme", " Beta ": "beta", "acme.localhost": "acme"} {
		a := base.post("/find-workspace", fields("slug", typed)).want(http.StatusSeeOther)
		if want := fmt.Sprintf("http://%s.localhost/", slug); a.location() != want {
			t.Errorf("%q leads to %q", typed, a.location())
		}
	}
	for _, typed := range []string{"gamma", "", "acme.evil.example", "//evil.example", "acme/../x", "\x00", "\xff",
		strings.Repeat("a", 5000), `"><b>`} {
		a := base.post("/find-workspace", fields("slug", typed))
		a.want(http.StatusUnprocessableEntity, "There is no workspace at this address")
		if strings.Contains(a.body, "<b>") ||
			typed != "" && returns(typed) && !strings.Contains(a.unescaped(), `value="`+typed+`"`) {
			t.Errorf("%q comes back otherwise", typed)
		}
	}
}

// TestWorkspaceIsFoundByItsHost enters a host with a port.
func TestWorkspaceIsFoundByItsHost(t *testing.T) {
	t.Parallel()
	s := newTestServer(t, func(c *Config) { c.BaseURL = &url.URL{Scheme: "http", Host: "localhost:8080"} })
	s.addWorkspace(t, "acme")
	s.addBeta(t)
	base := s.newClient(t)
	base.host = "localhost:8080"
	p := base.post("/find-workspace", fields("slug", "acme.localhost:8080")).want(http.StatusSeeOther)
	if want := "http://acme.localhost:8080/"; p.location() != want {
		t.Errorf("it leads to %q, want %q", p.location(), want)
	}
}
