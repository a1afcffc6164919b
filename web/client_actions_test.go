package web

import (
	"html"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"
)

const (
	linaEmail    = "lina@acme.example"
	linaPassword = "seven lanterns on the jetty"
	newPassword  = "nine tall herons over the weir"
	unknownKey   = "key_06h0e91v9430fsvmg3v0"
)

var keyShape = regexp.MustCompile(`kl_[0-9A-Za-z]{38}`)

// fetch opens a path and does not follow redirects. headers are names and
// values in turn.
func (c *client) fetch(path string, headers ...string) *page {
	c.t.Helper()
	return c.send(http.MethodGet, path, "", headers...)
}

// signInAt signs a user in at the host of a workspace.
func (s *testServer) signInAt(t testing.TB, slug, email string) *client {
	t.Helper()
	c := s.newClient(t).at(slug)
	c.post("/sign-in", fields("email", email, "password", testPassword)).want(http.StatusSeeOther)
	return c
}

// verify sends a secret to /verify, as a gateway does.
func (s *testServer) verify(t testing.TB, secret string) *page {
	t.Helper()
	return s.newClient(t).fetch("/verify", "Authorization", "Bearer "+secret)
}

// unescaped is the source of the page without entities.
func (p *page) unescaped() string { return html.UnescapeString(p.body) }

// fields returns a form of names and values in turn.
func fields(pairs ...string) url.Values {
	form := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	return form
}

func setupForm(token string) url.Values {
	return fields("token", token, "workspace_name", "Acme", "slug", "acme", "name", "Dana Okafor", "email", testOwner,
		"password", testPassword)
}

func signInForm(email, password string) url.Values {
	return fields("email", email, "password", password)
}

func addKeyForm(name, nonce string) url.Values {
	return fields("name", name, "expires", "never", "nonce", nonce)
}

// together calls do n times at once.
func together(n int, do func(i int)) {
	var all sync.WaitGroup
	ready := make(chan struct{})
	for i := range n {
		all.Go(func() { <-ready; do(i) })
	}
	close(ready)
	all.Wait()
}

// returns reports whether a browser sends a text back unchanged when a field of
// a page contains it.
func returns(text string) bool {
	return utf8.ValidString(text) && !strings.ContainsAny(text, "\x00\r\n")
}

// addKey adds a key by the form and returns its secret.
func (c *client) addKey(name string) string {
	c.t.Helper()
	p := c.post("/settings/api-keys", fields("name", name, "expires", "never", "nonce", c.nonce()))
	return c.keyIn(p.want(http.StatusCreated))
}

// nonce returns the nonce of a new form.
func (c *client) nonce() string {
	c.t.Helper()
	return c.fetch("/settings/api-keys/new").want(http.StatusOK).attribute(`input[name=nonce]`, "value")
}

// keyIn returns the one secret that a page shows.
func (c *client) keyIn(p *page) string {
	c.t.Helper()
	keys := slices.Compact(slices.Sorted(slices.Values(keyShape.FindAllString(p.unescaped(), -1))))
	if len(keys) != 1 {
		c.t.Fatalf("%d secrets on the page:\n%s", len(keys), p.text())
	}
	return keys[0]
}

var keyLink = regexp.MustCompile(`^/settings/api-keys/(key_[0-9a-z]+)/revoke`)

// keyIDs returns the ids of the keys in the list that the user may revoke, by
// name.
func (c *client) keyIDs() map[string]string {
	c.t.Helper()
	ids := map[string]string{}
	for _, link := range c.fetch("/settings/api-keys").want(http.StatusOK).find(`a[aria-label^="Revoke "]`) {
		if found := keyLink.FindStringSubmatch(attribute(link, "href")); found != nil {
			ids[strings.TrimPrefix(attribute(link, "aria-label"), "Revoke ")] = found[1]
		}
	}
	return ids
}

// keyID returns the id of the one key that has a name.
func (c *client) keyID(name string) string {
	c.t.Helper()
	ids := c.keyIDs()
	if ids[name] == "" {
		c.t.Fatalf("no key %q among %v", name, slices.Sorted(maps.Keys(ids)))
	}
	return ids[name]
}

// idIn returns the first id with a prefix in the source of a page.
func (c *client) idIn(path, prefix string) string {
	c.t.Helper()
	id := regexp.MustCompile(prefix + "[0-9a-v]+").FindString(c.fetch(path).want(http.StatusOK).body)
	if id == "" {
		c.t.Fatalf("%s has no id %s…", path, prefix)
	}
	return id
}

// revoke revokes a key by the form.
func (c *client) revoke(id string) *page {
	c.t.Helper()
	return c.post("/settings/api-keys/"+id+"/revoke", nil).want(http.StatusSeeOther)
}

// memberPath returns the path of the page that changes a member.
func (c *client) memberPath(name string) string {
	c.t.Helper()
	return c.fetch("/settings/members").want(http.StatusOK).attribute(`a[aria-label="Change `+name+`"]`, "href")
}

// addServiceAccount adds one and returns its path.
func (c *client) addServiceAccount(name, role string) string {
	c.t.Helper()
	p := c.post("/settings/service-accounts", fields("name", name, "role", role)).want(http.StatusSeeOther)
	_, id, _ := strings.Cut(p.location(), "member=")
	return "/settings/members/" + id
}

var invitationLink = regexp.MustCompile(`http://[^\s<"]+/invitation\?token=[A-Za-z0-9_-]{43}`)

// invite makes the link of an invitation and returns its path.
func (c *client) invite(email, role string) string {
	c.t.Helper()
	p := c.post("/settings/members/invite", fields("emails", email, "role", role))
	link := invitationLink.FindString(p.want(http.StatusOK, "Send these links").unescaped())
	u, err := url.Parse(link)
	if link == "" || err != nil {
		c.t.Fatalf("no link on the page:\n%s", p.text())
	}
	c.server.secret(u.Query().Get("token"))
	return u.RequestURI()
}

// join accepts an invitation.
func (c *client) join(link, name, password string) *page {
	c.t.Helper()
	u, err := url.Parse(link)
	if err != nil {
		c.t.Fatal(err)
	}
	return c.post("/invitation", fields("token", u.Query().Get("token"), "name", name, "password", password))
}

// cookies returns the client's Cookie header, for another client.
func (c *client) cookies() string {
	var all []string
	for _, cookie := range c.jar.Cookies(&url.URL{Scheme: "http", Host: c.host}) {
		all = append(all, cookie.Name+"="+cookie.Value)
	}
	return strings.Join(all, "; ")
}

// setCookies returns the cookies that a response sets, by name.
func setCookies(p *page) map[string]*http.Cookie {
	all := map[string]*http.Cookie{}
	for _, line := range p.header["Set-Cookie"] {
		if cookie, err := http.ParseSetCookie(line); err == nil {
			all[cookie.Name] = cookie
		}
	}
	return all
}

// testSecrets are texts that must never be in the log of a testServer.
type testSecrets struct {
	mu  sync.Mutex
	all map[string]bool
}

// secret records a text that must never be in the log.
func (s *testServer) secret(text string) {
	s.secrets.mu.Lock()
	defer s.secrets.mu.Unlock()
	if s.secrets.all == nil {
		s.secrets.all = map[string]bool{}
	}
	if len(text) >= 8 {
		s.secrets.all[text] = true
	}
}

// noteSecrets records the secrets in a response.
func (s *testServer) noteSecrets(w *httptest.ResponseRecorder) {
	for _, cookie := range w.Result().Cookies() {
		s.secret(cookie.Value)
	}
	for _, key := range keyShape.FindAllString(w.Body.String(), -1) {
		s.secret(key)
	}
}

// checkLog fails the test for each secret that is in the log.
func (s *testServer) checkLog(t testing.TB) {
	s.secrets.mu.Lock()
	defer s.secrets.mu.Unlock()
	for secret := range s.secrets.all {
		if log := s.log.String(); strings.Contains(log, secret) || strings.Contains(log, url.QueryEscape(secret)) {
			t.Errorf("the log has a secret: %q", secret)
		}
	}
}
