package e2e

import (
	"context"
	"html"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The owner of the workspace in every test.
const (
	danaName     = "Dana Okafor"
	danaEmail    = "dana@acme.example"
	danaPassword = "violet tractor hums at noon"
)

var keyShape = regexp.MustCompile(`kl_[0-9A-Za-z]{38}`)

// client is a browser without a screen. It keeps cookies and does not follow
// redirects.
type client struct {
	t    testing.TB
	s    *server
	base string
	http *http.Client
	jar  *cookiejar.Jar
}

// answer is a response with its whole body.
type answer struct {
	status int
	header http.Header
	body   string
}

// text returns the body with entities decoded, as a user reads it.
func (a answer) text() string { return html.UnescapeString(a.body) }

var markup = regexp.MustCompile(`(?s)<(head|svg)\b.*?</(head|svg)>|<[^>]*>|\s+`)

// summary returns the body without scripts and styles, for messages of tests.
func (a answer) summary() string {
	return strings.TrimSpace(html.UnescapeString(markup.ReplaceAllString(a.body, " ")))
}

func (a answer) location() string { return a.header.Get("Location") }

// newClient returns a client without cookies.
func (s *server) newClient(t testing.TB) *client {
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	dial := func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, s.address) // whatever the host's name
	}
	c := &client{t: t, s: s, base: s.url, jar: jar, http: &http.Client{
		Jar: jar, Timeout: timeout, Transport: &http.Transport{DialContext: dial},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	t.Cleanup(c.http.CloseIdleConnections)
	return c
}

// send sends a request. headers are names and values in turn; "Host" sets the
// host.
func (c *client) send(method, path string, body io.Reader, headers ...string) answer {
	c.t.Helper()
	a, err := c.trySend(method, path, body, headers...)
	if err != nil {
		c.t.Fatal(err)
	}
	return a
}

func (c *client) trySend(method, path string, body io.Reader, headers ...string) (answer, error) {
	r, err := http.NewRequest(method, c.base+path, body)
	if err != nil {
		return answer{}, err
	}
	for i := 0; i < len(headers); i += 2 {
		if headers[i] == "Host" {
			r.Host = headers[i+1]
		} else {
			r.Header.Add(headers[i], headers[i+1])
		}
	}
	response, err := c.http.Do(r)
	if err != nil {
		return answer{}, err
	}
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	if err != nil {
		return answer{}, err
	}
	for _, cookie := range response.Cookies() {
		c.s.secret(cookie.Value)
	}
	for _, key := range keyShape.FindAllString(string(content), -1) {
		c.s.secret(key)
	}
	return answer{response.StatusCode, response.Header, string(content)}, nil
}

func (c *client) get(path string, headers ...string) answer {
	c.t.Helper()
	return c.send(http.MethodGet, path, nil, headers...)
}

// post sends a form as Keylodge's own pages do.
func (c *client) post(path string, form url.Values, headers ...string) answer {
	c.t.Helper()
	if p := form.Get("password"); p != "" {
		c.s.secret(p)
	}
	headers = append([]string{"Content-Type", "application/x-www-form-urlencoded", "Sec-Fetch-Site", "same-origin"},
		headers...)
	return c.send(http.MethodPost, path, strings.NewReader(form.Encode()), headers...)
}

// want fails the test unless the response has the status and contains each of
// the texts.
func (c *client) want(a answer, status int, texts ...string) answer {
	c.t.Helper()
	if a.status != status {
		c.t.Fatalf("status %d instead of %d\n%s", a.status, status, a.summary())
	}
	for _, text := range texts {
		if !strings.Contains(a.text(), text) {
			c.t.Errorf("%q is not in the answer:\n%s", text, a.summary())
		}
	}
	return a
}

// fields returns a form of names and values in turn.
func fields(pairs ...string) url.Values {
	form := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	return form
}

func setupForm(token string) url.Values {
	return fields("token", token, "workspace_name", "Acme", "slug", "acme", "name", danaName, "email", danaEmail,
		"password", danaPassword)
}

func (s *server) setupToken() string {
	_, token, _ := strings.Cut(s.setup, "token=")
	return token
}

// setUp creates the first workspace and returns its owner, signed in.
func (s *server) setUp(t testing.TB) *client {
	t.Helper()
	c := s.newClient(t)
	a := c.want(c.post("/setup", setupForm(s.setupToken())), http.StatusSeeOther)
	if a.location() != "/settings/api-keys" {
		t.Fatalf("set-up leads to %q", a.location())
	}
	return c
}

// signIn returns a new client of a user who signed in by password.
func (s *server) signIn(t testing.TB, email, password string) *client {
	t.Helper()
	c := s.newClient(t)
	c.want(c.post("/sign-in", fields("email", email, "password", password)), http.StatusSeeOther)
	return c
}

// addKey adds a key by the form and returns its secret.
func (c *client) addKey(name string) string {
	c.t.Helper()
	a := c.want(c.post("/settings/api-keys", fields("name", name, "expires", "never", "nonce", c.nonce())),
		http.StatusCreated)
	return c.keyIn(a)
}

// nonce returns the nonce of a new form.
func (c *client) nonce() string {
	c.t.Helper()
	form := c.want(c.get("/settings/api-keys/new"), http.StatusOK)
	found := regexp.MustCompile(`name="nonce" value="([^"]+)"`).FindStringSubmatch(form.body)
	if found == nil {
		c.t.Fatalf("the form has no nonce:\n%s", form.body)
	}
	return html.UnescapeString(found[1])
}

// keyIn returns the one secret in a response.
func (c *client) keyIn(a answer) string {
	c.t.Helper()
	keys := slices.Compact(slices.Sorted(slices.Values(keyShape.FindAllString(a.text(), -1))))
	if len(keys) != 1 {
		c.t.Fatalf("%d keys in the answer:\n%s", len(keys), a.text())
	}
	return keys[0]
}

var revokeLink = regexp.MustCompile(
	`href="/settings/api-keys/(key_[0-9a-z]+)/revoke[^"]*"[^>]*?aria-label="Revoke ([^"]*)"`)

// keyIDs returns the ids of listed keys by name.
func (c *client) keyIDs() map[string]string {
	c.t.Helper()
	ids := map[string]string{}
	list := c.want(c.get("/settings/api-keys"), http.StatusOK)
	for _, found := range revokeLink.FindAllStringSubmatch(list.body, -1) {
		ids[html.UnescapeString(found[2])] = found[1]
	}
	return ids
}

// keyID returns the id of the key with a name.
func (c *client) keyID(name string) string {
	c.t.Helper()
	ids := c.keyIDs()
	if ids[name] == "" {
		c.t.Fatalf("no key %q among %v", name, slices.Sorted(maps.Keys(ids)))
	}
	return ids[name]
}

// idIn returns the first id with a prefix on a page.
func (c *client) idIn(path, prefix string) string {
	c.t.Helper()
	page := c.want(c.get(path), http.StatusOK)
	id := regexp.MustCompile(prefix + "[0-9a-v]+").FindString(page.body)
	if id == "" {
		c.t.Fatalf("%s names no %s…", path, prefix)
	}
	return id
}

// revoke revokes a key by the form.
func (c *client) revoke(id string) answer {
	c.t.Helper()
	return c.want(c.post("/settings/api-keys/"+id+"/revoke", nil), http.StatusSeeOther)
}

// verify sends a secret to /verify, as a gateway does.
func (s *server) verify(t testing.TB, key string) answer {
	t.Helper()
	return s.newClient(t).get("/verify", "Authorization", "Bearer "+key)
}
