// Package oidctest runs an OpenID Connect identity provider for tests: a real
// HTTP server that signs in the person whom the test names, checks its clients
// as strictly as the standards allow, and misbehaves on demand.
package oidctest

import (
	"crypto/rand"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"sync"
	"testing"
)

// Provider is a running identity provider. It has one client.
type Provider struct {
	ClientID     string
	ClientSecret string // a test may clear it before the first sign-in, for a public client

	server *httptest.Server

	mu        sync.Mutex
	algorithm string
	person    *Person
	faults    []Fault
	grants    map[string]*grant // by code
	tokens    map[string]*grant // by access token
	secrets   []string
	asked     map[string]int // requests by path
}

// Person is the person at the browser.
type Person struct {
	Subject       string
	Email         string // empty: the provider sends none
	EmailVerified any    // nil: the provider does not send it
	Name          string
	Claims        map[string]any // sent too, replacing others
}

// grant is what a code stands for.
type grant struct {
	person                       Person
	nonce, challenge, redirectTo string
	used                         bool
}

// New returns a provider that stops when the test ends. It refuses every
// sign-in until [Provider.SignInAs], and signs with RS256.
func New(t testing.TB) *Provider {
	p := &Provider{
		ClientID: "keylodge-of-a-test", ClientSecret: "secret of the client: " + rand.Text(), algorithm: "RS256",
		grants: map[string]*grant{}, tokens: map[string]*grant{}, asked: map[string]int{},
	}
	p.server = httptest.NewServer(p.handler())
	t.Cleanup(p.server.Close)
	return p
}

// URL returns the issuer.
func (p *Provider) URL() string { return p.server.URL }

// SignInAs sets the person at the browser.
func (p *Provider) SignInAs(person Person) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.person = &person
}

// SignWith makes the provider sign with RS256, PS256, ES256, EdDSA or RS512,
// which clients should not accept.
func (p *Provider) SignWith(algorithm string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.algorithm = algorithm
}

// Misbehave sets the provider's faults.
func (p *Provider) Misbehave(faults ...Fault) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.faults = faults
}

// Secrets returns the client secret and every code and token so far, none of
// which may be logged.
func (p *Provider) Secrets() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	all := slices.Clone(p.secrets)
	if p.ClientSecret != "" {
		all = append(all, p.ClientSecret)
	}
	return all
}

// Asked returns the number of requests for a path.
func (p *Provider) Asked(path string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.asked[path]
}

// Visit opens an authorization URL as a browser does, and returns the query
// that the provider sends it back with.
func (p *Provider) Visit(t testing.TB, authorizeURL string) url.Values {
	t.Helper()
	browser := &http.Client{CheckRedirect: func(*http.Request,
		[]*http.Request) error {
		return http.ErrUseLastResponse
	}}
	answer, err := browser.Get(authorizeURL)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	back, err := answer.Location()
	if err != nil {
		t.Fatalf("the provider answers %s and does not redirect", answer.Status)
	}
	return back.Query()
}

// newSecret returns random text that [Provider.Secrets] knows.
func (p *Provider) newSecret(kind string) string {
	secret := kind + "-" + rand.Text()
	p.secrets = append(p.secrets, secret)
	return secret
}

// told returns the provider's claims about a person.
func (person Person) told() map[string]any {
	claims := map[string]any{"sub": person.Subject, "name": person.Name}
	if person.Email != "" {
		claims["email"] = person.Email
	}
	if person.EmailVerified != nil {
		claims["email_verified"] = person.EmailVerified
	}
	maps.Copy(claims, person.Claims)
	return claims
}
