package web

import (
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/keylodge/keylodge/internal/workspace"
)

const testPassword = "violet tractor hums at noon"

// testAddr is the IP and port that the requests of a client come from.
const testAddr = "127.0.0.1:40000"

// client is a browser without JavaScript: it keeps cookies and follows
// redirects. Paths are on its host.
type client struct {
	t      testing.TB
	server *testServer
	host   string
	jar    http.CookieJar
}

// newClient returns a client at the base host that is not signed in.
func (s *testServer) newClient(t testing.TB) *client {
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &client{t: t, server: s, host: "localhost", jar: jar}
}

// at returns a client with the same cookies at the host of a workspace.
func (c *client) at(slug string) *client {
	there := *c
	there.host = slug + ".localhost"
	return &there
}

// in returns the same client for a subtest.
func (c *client) in(t testing.TB) *client {
	t.Helper()
	there := *c
	there.t = t
	return &there
}

// newOwner makes the first workspace, "acme", and returns its owner, signed in
// at the base host.
func (s *testServer) newOwner(t *testing.T) *client {
	t.Helper()
	c := s.newClient(t)
	c.jar.SetCookies(&url.URL{Scheme: "http", Host: c.host}, s.setUp(t))
	return c
}

// newMember adds a member with a role to the workspace "acme" and returns them,
// signed in at the base host. The email address is ROLE@acme.example and the
// password testPassword.
func (s *testServer) newMember(t testing.TB, role workspace.Role) *client {
	t.Helper()
	w, err := s.Service.WorkspaceBySlug(t.Context(), "acme")
	if err != nil {
		t.Fatal(err)
	}
	actor := workspace.Operator
	actor.WorkspaceID = w.ID
	email := string(role) + "@acme.example"
	if _, err := s.Service.AddMember(t.Context(), actor, string(role), email, testPassword, role); err != nil {
		t.Fatal(err)
	}
	return s.signIn(t, email)
}

// signIn returns a client of a user whose password is testPassword, signed in
// at the base host.
func (s *testServer) signIn(t testing.TB, email string) *client {
	t.Helper()
	c := s.newClient(t)
	p := c.post("/sign-in", url.Values{"email": {email}, "password": {testPassword}})
	if p.status != http.StatusSeeOther {
		t.Fatalf("sign-in of %s: status %d\n%s", email, p.status, p.text())
	}
	return c
}

// get opens a path and follows redirects. headers are names and values in turn.
func (c *client) get(path string, headers ...string) *page {
	c.t.Helper()
	return c.follow(c.send(http.MethodGet, path, "", headers...))
}

// post sends a form, and does not follow redirects: a test that only wants the
// effect or the status. Tests of forms use submit.
func (c *client) post(path string, form url.Values, headers ...string) *page {
	c.t.Helper()
	c.server.secret(form.Get("password"))
	headers = append([]string{"Content-Type", formType, "Sec-Fetch-Site", "same-origin"}, headers...)
	return c.send(http.MethodPost, path, form.Encode(), headers...)
}

// submit fills in the form of a page that has the button, presses it, and
// follows redirects. button is its text or aria-label. fields are changed from
// what the page has; each must be in the form.
func (c *client) submit(p *page, button string, fields url.Values) *page {
	c.t.Helper()
	f := p.form(button)
	for name, values := range fields {
		f.set(name, values)
	}
	return c.sendForm(p, f)
}

// sendForm sends a form of a page as it is filled in, and follows redirects.
func (c *client) sendForm(p *page, f *pageForm) *page {
	c.t.Helper()
	action := p.url
	if f.action != "" {
		to, err := p.url.Parse(f.action)
		if err != nil {
			c.t.Fatal(err)
		}
		action = to
	}
	if f.method == http.MethodGet {
		return c.get(action.Path + "?" + f.values.Encode())
	}
	return c.follow(c.post(action.RequestURI(), f.values))
}

// follow opens where a page redirects to, until one does not.
func (c *client) follow(p *page) *page {
	c.t.Helper()
	for range 10 {
		if p.status != http.StatusSeeOther && p.status != http.StatusTemporaryRedirect {
			return p
		}
		to, err := p.url.Parse(p.location())
		if err != nil {
			c.t.Fatal(err)
		}
		there := *c
		there.host = to.Host
		p = there.send(http.MethodGet, to.RequestURI(), "")
	}
	c.t.Fatal("more than 10 redirects")
	return nil
}

// send sends a request and follows nothing. headers are names and values in
// turn.
func (c *client) send(method, path, body string, headers ...string) *page {
	c.t.Helper()
	at := &url.URL{Scheme: "http", Host: c.host}
	u, err := at.Parse(path)
	if err != nil {
		c.t.Fatal(err)
	}
	r := httptest.NewRequest(method, u.RequestURI(), strings.NewReader(body))
	r.Host, r.RemoteAddr = c.host, testAddr
	for i := 0; i < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	for _, cookie := range c.jar.Cookies(at) {
		r.AddCookie(cookie)
	}
	w := c.server.answer(r)
	c.jar.SetCookies(at, w.Result().Cookies())
	c.server.noteSecrets(w)
	return newPage(c.t, u, w)
}
