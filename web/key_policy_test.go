package web

import (
	"fmt"
	"net/http"
	"net/url"
	"testing"

	"github.com/keylodge/keylodge/internal/workspace"
)

// TestWhatKeyPoliciesRefuse adds keys under policies, in forms and on the
// command line.
func TestWhatKeyPoliciesRefuse(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	dana := s.newOwner(t)
	s.addSam(t, "developer")
	sam := s.signIn(t, samEmail)
	nonce := 0
	add := func(c *client, more ...string) *page {
		nonce++
		form := addKeyForm("k", fmt.Sprint("n", nonce))
		for i := 0; i < len(more); i += 2 {
			form.Set(more[i], more[i+1])
		}
		return c.post("/settings/api-keys", form)
	}
	policy := func(more ...string) {
		t.Helper()
		dana.post("/settings/general/keys", fields(more...)).want(http.StatusSeeOther)
	}
	refused := func(c *client, says string, more ...string) {
		t.Helper()
		add(c, more...).want(http.StatusUnprocessableEntity, says)
	}
	made := func(c *client, more ...string) string {
		t.Helper()
		return c.keyIn(add(c, more...).want(http.StatusCreated))
	}
	for name, form := range map[string]url.Values{
		"no number": fields("max_days", "x"), "none": fields("max_keys", "0"), "less than none": fields("max_keys",
			"-1"), "too many": fields("max_days", "99999"),
		"the first longer than the longest": fields("max_days", "7", "default_days", "30"),
		"nobody knows":                      fields("full_access", "kings"), "no network": fields("within",
			"10.0.0.1/8"),
	} {
		t.Run(name, func(t *testing.T) {
			dana := dana.in(t)
			dana.post("/settings/general/keys", form).
				want(http.StatusUnprocessableEntity, "Check what is marked below.")
		})
	}
	sam.post("/settings/general/keys", fields()).want(http.StatusForbidden)

	policy("max_days", "30")
	refused(dana, "Keys live at most 30 days here.", "expires", "never")
	refused(dana, "Keys live at most 30 days here.", "expires", "31d")
	made(dana, "expires", "30d")
	policy("full_access", "managers")
	refused(sam, "You may not make keys with full access here.")
	made(sam, "access", "restricted", "scope", "a")
	made(dana)
	policy("within", "192.0.2.0/24 2001:db8::/32")
	refused(dana, "10.0.0.0/8 is not within", "allow_from", "10.0.0.0/8")
	refused(dana, "192.0.0.0/16 is not within", "allow_from", "192.0.0.0/16")
	made(dana, "allow_from", "192.0.2.7")
	if key := made(dana); s.verify(t, key).status != http.StatusForbidden {
		t.Errorf("a key that names no network works from anywhere: %d", s.verify(t, key).status)
	}
	policy("max_keys", "1")
	refused(dana, "Nobody may have more than 1 keys here.")
	s.newKey(t, "acme", workspace.NewKey{Name: "by the operator"})
	policy()
	made(dana, "expires", "never")
}

// TestKeyPolicy sets the policy for new keys, and adds some.
func TestKeyPolicy(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	s.newOwner(t).addKey("Before")
	p := s.openTabSignedIn(t)
	p.click("General")
	p.fill("Live at most, in days", "ten")
	p.click("Save what keys may be")
	p.see("Give a whole number from 1 to 36500, or nothing.")
	p.fill("Live at most, in days", "60")
	p.fill("The form offers first, in days", "7")
	p.click("Nobody")
	p.click("Required")
	p.fill("Most keys of one owner", "2")
	p.click("Save what keys may be")
	p.see("Saved.")
	p.click("API keys")
	p.click("Add API key")
	p.click("Add API key")
	p.see("Keys must have a name here.")
	p.fill("Name", "Narrow")
	p.click("Restrict this key")
	p.click("Add API key")
	p.see("You may not make keys with full access here.")
	p.click("Only these scopes")
	p.fill("Scopes", "invoices:read")
	p.click("Add API key")
	p.see("Narrow is ready")
	s.secret(keyShape.FindString(p.text()))
	p.click("I have saved it")
	p.rowIs("Narrow", map[string]string{"Expires": "in 7 days"})
	p.goTo("/settings/api-keys/new")
	p.click("Add API key")
	p.see("Nobody may have more than 2 keys here.")
}
