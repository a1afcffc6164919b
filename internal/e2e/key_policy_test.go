package e2e

import (
	"testing"
)

// TestKeyPolicy says what new keys may be, and makes some.
func TestKeyPolicy(t *testing.T) {
	t.Parallel()
	for _, l := range []look{desktop, {scripts: false, width: 360, dark: true}} {
		t.Run(l.String(), func(t *testing.T) {
			t.Parallel()
			s := start(t, sqliteFile(t))
			s.setUp(t).addKey("Before")
			p := s.openSignedIn(t, l)
			p.click("General")
			p.fill("Live at most, in days", "ten")
			p.click("Save what keys may be")
			p.see("Give a whole number from 1 to 36500, or nothing.")
			p.step(1, "key policy")
			p.fill("Live at most, in days", "60")
			p.fill("The form offers first, in days", "7")
			p.click("Nobody")
			p.click("Required")
			p.fill("Most keys of one owner", "2")
			p.click("Save what keys may be")
			p.see("Saved.")
			p.click("API keys")
			p.click("Add API key")
			p.step(2, "add a key under a policy")
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
			p.step(3, "too many keys")
		})
	}
}
