package web

import (
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/keylodge/keylodge/internal/oidctest"
)

var providerPath = regexp.MustCompile(`/settings/sign-on/(idp_[0-9a-v]+)`)

// providerForm returns the form of a provider, with more names and values in
// turn.
func providerForm(p *oidctest.Provider, more ...string) url.Values {
	form := fields("name", "Login", "issuer", p.URL(), "client_id", p.ClientID, "client_secret", p.ClientSecret)
	for i := 0; i < len(more); i += 2 {
		form.Set(more[i], more[i+1])
	}
	return form
}

// addProvider adds a provider, and returns its id.
func (c *client) addProvider(p *oidctest.Provider, more ...string) string {
	c.t.Helper()
	c.server.secret(p.ClientSecret)
	c.post("/settings/sign-on", providerForm(p, more...)).want(http.StatusSeeOther)
	return providerPath.FindStringSubmatch(c.fetch("/settings/sign-on").want(http.StatusOK).body)[1]
}

// goOnAt follows a page's redirect to a provider, and returns the query that
// the provider sends back.
func (c *client) goOnAt(p *oidctest.Provider, page string) url.Values {
	c.t.Helper()
	a := c.post(page, fields("next", "/settings/members")).want(http.StatusOK, "You are being sent there")
	_, after, _ := strings.Cut(a.body, `0;url=`)
	to, _, _ := strings.Cut(after, `"`)
	return p.Visit(c.t, html.UnescapeString(to))
}

// signOn signs in with a provider.
func (c *client) signOn(p *oidctest.Provider, id string) *page {
	c.t.Helper()
	back := c.goOnAt(p, "/sign-in/with/"+id)
	a := c.fetch("/sign-in/callback?" + back.Encode())
	for _, secret := range p.Secrets() {
		c.server.secret(secret)
	}
	return a
}

var mei = oidctest.Person{
	Subject:       "mei-1",
	Email:         "Mei@acme.example",
	EmailVerified: true,
	Name:          "Mei Lin",
	Claims:        map[string]any{"groups": []string{"staff", "ops team"}},
}

// TestProviderThatMisbehaves must not sign in anyone.
func TestProviderThatMisbehaves(t *testing.T) {
	t.Parallel()
	idp := oidctest.New(t)
	s := newTestServer(t, localIssuers)
	dana := s.newOwner(t)
	id := dana.addProvider(idp, "new_role", "developer", "domains", "acme.example")
	idp.SignInAs(mei)
	for name, fault := range map[string]oidctest.Fault{
		"another audience": oidctest.WrongAudience, "another nonce": oidctest.WrongNonce,
		"another issuer": oidctest.WrongIssuer,
		"no signature":   oidctest.AlgorithmNone, "a public key as secret": oidctest.HS256OfPublicKey,
		"another key": oidctest.SignedByStranger,
		"expired":     oidctest.Expired, "another state": oidctest.OtherState,
		"another issuer in the address": oidctest.OtherIssuerInCallback,
		"no subject":                    oidctest.NoSubject,
		"a token endpoint that fails": oidctest.Status(oidctest.TokenPath,
			http.StatusInternalServerError),
	} {
		t.Run(name, func(t *testing.T) {
			idp.Misbehave(fault)
			c := s.newClient(t)
			a := c.signOn(idp, id)
			if a.status != http.StatusForbidden && a.status != http.StatusServiceUnavailable {
				t.Errorf("it gets %d:\n%s", a.status, a.unescaped())
			}
			c.fetch("/settings/api-keys").want(http.StatusSeeOther)
		})
	}
	idp.Misbehave()
	if n := s.count(t, `SELECT COUNT(*) FROM users`); n != 1 {
		t.Errorf("%d users", n)
	}
	// A link to the callback, from elsewhere or with another browser's code,
	// begins no session.
	victim, attacker := s.newClient(t), s.newClient(t)
	back := attacker.goOnAt(idp, "/sign-in/with/"+id)
	victim.fetch("/sign-in/callback?" + back.Encode()).want(http.StatusGone)
	victim.goOnAt(idp, "/sign-in/with/"+id)
	victim.fetch("/sign-in/callback?" + back.Encode()).want(http.StatusForbidden)
	victim.fetch("/settings/api-keys").want(http.StatusSeeOther)
	attacker.fetch("/sign-in/callback?error=access_denied&state="+back.Get("state")+"&iss="+url.QueryEscape(idp.URL())).
		want(http.StatusForbidden, "refused to sign you in")
	for _, secret := range idp.Secrets() {
		s.secret(secret)
	}
}

// TestProviderForm sends invalid settings.
func TestProviderForm(t *testing.T) {
	t.Parallel()
	idp := oidctest.New(t)
	s := newTestServer(t, localIssuers)
	dana := s.newOwner(t)
	s.secret(idp.ClientSecret)
	for says, form := range map[string]url.Values{
		"Give it a name":                providerForm(idp, "name", " "),
		"Type the provider’s issuer":    providerForm(idp, "issuer", "login"),
		"Check the issuer":              providerForm(idp, "issuer", testBase),
		"Type the client ID":            providerForm(idp, "client_id", ""),
		"Type domains":                  providerForm(idp, "domains", "acme"),
		"Type scopes":                   providerForm(idp, "scopes", `groups "all"`),
		"Say whose addresses":           providerForm(idp, "new_role", "developer"),
		"Choose one of these":           providerForm(idp, "new_role", "owner", "domains", "acme.example"),
		"Give each value one":           providerForm(idp, "role_claim", "groups", "role_map", "bosses = owner"),
		"Write a line such as":          providerForm(idp, "role_claim", "groups", "role_map", "bosses"),
		"name the claim and say":        providerForm(idp, "role_map", "bosses = admin"),
		"The provider can’t be reached": providerForm(idp, "issuer", "https://127.0.0.1:1"),
	} {
		t.Run(says, func(t *testing.T) {
			dana := dana.in(t)
			a := dana.post("/settings/sign-on", form).want(http.StatusUnprocessableEntity, says)
			if strings.Contains(a.body, idp.ClientSecret) {
				t.Error("the secret is sent back")
			}
		})
	}
	id := dana.addProvider(idp)
	a := dana.fetch("/settings/sign-on/" + id).want(http.StatusOK)
	if got := a.attribute("input[name=issuer]", "value"); got != idp.URL() {
		t.Errorf("the issuer is %q", got)
	}
	if strings.Contains(a.body, idp.ClientSecret) {
		t.Error("the secret is sent to the browser")
	}
	dana.post("/settings/sign-on/"+id, providerForm(idp, "client_secret", "", "name", "Renamed")).
		want(http.StatusSeeOther)
	idp.SignInAs(oidctest.Person{Subject: "dana"})
	dana.fetch("/sign-in/callback?" + dana.goOnAt(idp, "/account/security/providers/"+id).Encode()).
		want(http.StatusSeeOther)
	dana.post("/settings/sign-on/"+id+"/remove", nil).want(http.StatusSeeOther)
	dana.fetch("/settings/sign-on").want(http.StatusOK, "No identity provider yet")
	for _, secret := range idp.Secrets() {
		s.secret(secret)
	}
}

// TestProviderCodeReachesTheAdmin has a provider refuse a user. The user, the
// admins and the log get the provider's error code.
func TestProviderCodeReachesTheAdmin(t *testing.T) {
	t.Parallel()
	idp := oidctest.New(t) // it signs in no one
	s := newTestServer(t, localIssuers)
	dana := s.newOwner(t)
	id := dana.addProvider(idp, "scopes", "groups, roles", "role_claim", "groups", "role_map", "bosses = admin",
		"new_role", "developer", "domains", "acme.example")
	if got := dana.fetch("/settings/sign-on/"+id).attribute("input[name=scopes]", "value"); got != "groups roles" {
		t.Errorf("the scopes are %q", got)
	}
	stranger := s.newClient(t)
	stranger.signOn(idp, id).want(http.StatusForbidden, "refused to sign you in: access_denied.")
	dana.fetch("/settings/sign-on/"+id).want(http.StatusOK, "access_denied")
	dana.fetch("/settings/audit-log?action=session.refused").want(http.StatusOK, "error: access_denied", "Login")
	if !strings.Contains(s.log.String(), "callback: access_denied") {
		t.Error("the log does not say what the provider answered")
	}

	idp.SignInAs(mei)
	back := stranger.goOnAt(idp, "/sign-in/with/"+id)
	back.Del("code")
	back.Set("error", "<b>"+strings.Repeat("x", 1000))
	a := stranger.fetch("/sign-in/callback?"+back.Encode()).want(http.StatusForbidden,
		"refused to sign you in: an unknown error.")

	if strings.Contains(a.body, "xxx") || strings.Contains(s.log.String(), "xxx") {
		t.Error("what the provider says is repeated")
	}

	// GitLab has the groups and the name in userinfo only.
	idp.Misbehave(oidctest.Fault{Claims: func(_ *oidctest.Provider, c map[string]any) {
		delete(c, "groups")
		delete(c, "name")
	}})
	idp.SignInAs(oidctest.Person{Subject: "lina", Email: linaEmail, EmailVerified: true, Name: "Lina Roth",
		Claims: map[string]any{"groups": []string{"bosses"}}})
	lina := s.newClient(t)
	lina.signOn(idp, id).want(http.StatusSeeOther)
	lina.fetch("/settings/sign-on/new").want(http.StatusOK, "Add identity provider") // which is for admins
	dana.fetch("/settings/members").want(http.StatusOK, "Lina Roth")
}

// TestIssuersOnThisMachineAreNotAsked runs without the flag that allows them.
func TestIssuersOnThisMachineAreNotAsked(t *testing.T) {
	t.Parallel()
	idp := oidctest.New(t)
	s := newTestServer(t)
	dana := s.newOwner(t)
	s.secret(idp.ClientSecret)
	dana.post("/settings/sign-on", providerForm(idp)).want(http.StatusUnprocessableEntity,
		"must be an address that begins with https://")

	dana.post("/settings/sign-on", providerForm(idp, "issuer", "https://localhost:1")).
		want(http.StatusUnprocessableEntity, "--local-issuers")

	dana.fetch("/settings/sign-on").want(http.StatusOK, "No identity provider yet")
	if n := idp.Asked(oidctest.DiscoveryPath); n != 0 {
		t.Errorf("it was asked %d times", n)
	}
}
