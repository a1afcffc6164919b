package e2e

import (
	"net/url"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/network"
)

// TestCookiesStayAtTheirHost signs in to two workspaces in one browser. Neither
// one's cookie is sent to the other.
func TestCookiesStayAtTheirHost(t *testing.T) {
	t.Parallel()
	s := serve(t, nil)
	s.setUp(t)
	s.addBeta(t)
	p := s.open(t, desktop)
	at := func(slug string) string { return strings.Replace(s.url, "://", "://"+slug+".", 1) }
	p.goTo(at("acme") + "/sign-in")
	fillSignIn(p, danaEmail, danaPassword)
	p.see("No API keys yet")
	acme := call(p, network.GetCookies, network.GetCookiesParams{URLs: []string{at("acme")}}).Cookies
	theirs := call(p, network.GetCookies, network.GetCookiesParams{URLs: []string{at("beta"), s.url}}).Cookies
	if len(theirs) > 0 || len(acme) < 2 {
		t.Errorf("%d cookies at acme, of which %d would go elsewhere", len(acme), len(theirs))
	}
	for _, c := range acme {
		if u, _ := url.Parse(at("acme")); c.Domain != u.Hostname() || !c.HTTPOnly {
			t.Errorf("the cookie %s is for %s, HttpOnly %v", c.Name, c.Domain, c.HTTPOnly)
		}
	}
	p.goTo(at("beta") + "/settings/api-keys")
	p.see("Sign in")
	fillSignIn(p, benEmail, benPassword)
	p.see("No API keys yet")
	p.goTo(at("acme") + "/account/security")
	p.see("You sign in as " + danaEmail)
	p.goTo(at("beta") + "/account/security")
	p.see("You sign in as " + benEmail)
}
