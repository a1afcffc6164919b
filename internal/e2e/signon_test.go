package e2e

import (
	"testing"

	"github.com/keylodge/keylodge/internal/oidctest"
	"github.com/keylodge/keylodge/web"
)

var mei = oidctest.Person{
	Subject:       "mei-1",
	Email:         "Mei@acme.example",
	EmailVerified: true,
	Name:          "Mei Lin",
	Claims:        map[string]any{"groups": []string{"staff", "ops team"}},
}

// TestSignOn adds a provider in a browser, and joins with it.
func TestSignOn(t *testing.T) {
	t.Parallel()
	idp := oidctest.New(t)
	idp.SignInAs(mei)
	s := serve(t, func(c *web.Config) { c.LocalIssuers = true })
	s.secret(idp.ClientSecret)
	s.setUp(t)
	p := s.openSignedIn(t, phone)
	p.click("Single sign-on")
	p.see("No identity provider yet")
	p.step(1, "no provider")
	p.click("Add provider")
	p.fill("Name", "Acme Login")
	p.fill("Issuer", "https://127.0.0.1:1")
	p.fill("Client ID", idp.ClientID)
	p.click("Save")
	p.see("The provider can’t be reached.")
	p.step(2, "provider not reached")
	p.fill("Issuer", idp.URL())
	p.fill("Client secret", idp.ClientSecret)
	p.click("Who may join, and as what")
	p.choose("Role for new people", "Developer")
	p.click("Save")
	p.see("Say whose addresses may join by themselves")
	p.fill("Allowed e-mail domains", "acme.example")
	p.fill("Client secret", idp.ClientSecret)
	p.click("Save")
	p.see("Try it: sign out, and sign in with it.")
	p.step(3, "providers")
	p.signOut()
	p.step(4, "sign in")
	p.click("Sign in with Acme Login")
	p.see("No API keys yet")
	p.goTo("/account/security")
	p.see("You sign in as mei@acme.example.")
	p.see("You have none.")
}
