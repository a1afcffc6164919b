package web

import (
	"net/http"
	"net/url"
	"testing"
)

// TestScopesThatCanNotBeGiven refuses scopes that don't exist, or that the user
// can't give.
func TestScopesThatCanNotBeGiven(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	dana := s.newOwner(t)
	s.addMember(t, "acme", linaEmail, "developer")
	lina := s.signIn(t, linaEmail)
	form := func(c *client, more ...string) url.Values {
		return fields(
			append([]string{"name", "x", "expires", "never", "access", "restricted", "nonce", c.nonce()}, more...)...)
	}
	add := func(c *client, scope string) *page { return c.post("/settings/api-keys", form(c, "scope", scope)) }
	dana.keyIn(add(dana, "audit-events:read").want(http.StatusCreated))
	add(lina, "audit-events:read").want(http.StatusUnprocessableEntity, "“audit-events:read” can’t be given")
	lina.keyIn(add(lina, "keys:read keys:write keys:verify members:read").want(http.StatusCreated))
	old := lina.keyIn(add(lina, "anything").want(http.StatusCreated))

	lina.post("/settings/scopes", fields("name", "orders:read")).want(http.StatusForbidden)
	dana.post("/settings/scopes", fields("name", "orders:read")).want(http.StatusSeeOther)
	for name, message := range map[string]string{"": "A scope is 1 to 64",
		"keys:verify": "Keylodge’s own scope, and always there", "keys:destroy": "it has no", "a b": "without spaces"} {
		dana.post("/settings/scopes", fields("name", name)).want(http.StatusUnprocessableEntity, message)
	}
	add(lina, "anything").want(http.StatusUnprocessableEntity, "There is no scope “anything” here.")
	lina.keyIn(add(lina, "orders:read keys:verify").want(http.StatusCreated))
	if got := s.verify(t, old).status; got != http.StatusNoContent {
		t.Errorf("a key with a scope from before gets %d", got)
	}
	lina.post("/settings/api-keys", form(lina, "template", "gone")).
		want(http.StatusUnprocessableEntity, "A template that you chose was removed meanwhile.")
	if n := s.count(t, `SELECT COUNT(*) FROM events WHERE action = 'scope.saved'`); n != 1 {
		t.Errorf("%d rows of the audit trail", n)
	}
	dana.fetch("/settings/audit-log?action=scope.saved").want(http.StatusOK, "saved a scope", "scope: orders:read")

	// A demotion takes what a scope of Keylodge's own gives, at once.
	s.setRole(t, linaEmail, "auditor")
	reads := s.newClient(t).fetch("/verify?scope=anything", "Authorization", "Bearer "+old)
	if reads.status != http.StatusNoContent {
		t.Errorf("the key of an auditor gets %d", reads.status)
	}
}

// TestScopeCatalog creates scopes and a template, and adds keys that are
// restricted to them.
func TestScopeCatalog(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	s.newOwner(t)
	p := s.openTabSignedIn(t)
	p.goTo("/settings/scopes")
	p.see("Any scope")
	p.fill("Scope", "invoices read")
	p.click("Save scope")
	p.see("without spaces")
	for _, name := range []string{"invoices:read", "invoices:write"} {
		p.fill("Scope", name)
		p.fill("What for", "For "+name)
		p.fill("Group", "Invoices")
		p.click("Save scope")
		p.see("The scope is saved.")
		p.see("For " + name)
	}
	p.click("invoices:write")
	if got := p.page.attribute("[name=description]", "value"); got != "For invoices:write" {
		t.Errorf("the form says the scope is %q", got)
	}
	p.fill("What for", "Change invoices")
	p.click("Save scope")
	p.see("Change invoices")
	p.gone("For invoices:write")
	p.fill("Template", "CI")
	p.fill("Its scopes", "invoices:read orders:read")
	p.click("Save template")
	p.see("There is no scope “orders:read” here.")
	p.fill("Its scopes", "invoices:read, keys:verify")
	p.click("Save template")
	p.see("The template is saved.")

	p.goTo("/settings/api-keys/new")
	p.fill("Name", "from a template")
	p.click("Restrict this key")
	p.click("Only these scopes")
	p.see("Change invoices")
	p.click("CI")
	p.click("Add API key")
	p.see("Copy your key now")
	key := keyShape.FindString(p.text())
	s.secret(key)
	for scope, want := range map[string]int{"invoices:read": 204, "keys:verify": 204, "invoices:write": 403,
		"keys:read": 403} {
		got := s.newClient(t).fetch("/verify?scope="+scope, "Authorization", "Bearer "+key).status
		if got != want {
			t.Errorf("%s gets %d, not %d", scope, got, want)
		}
	}
	p.click("I have saved it")
	p.click("from a template")
	p.click("Edit")
	p.see("Change invoices")
	p.click("invoices:write")
	p.click("invoices:read")
	p.click("Save")
	p.see("Restricted to invoices:write, keys:verify")

	p.goTo("/settings/scopes")
	p.click("Remove invoices:write")
	p.see("The scope is removed. Keys that have it keep it.")
	p.click("Remove CI")
	p.see("The template is removed.")
	p.goTo("/settings/api-keys")
	p.click("from a template")
	p.click("Edit")
	p.see("Not in the catalogue any more")
	p.fill("Name", "renamed")
	p.click("Save")
	p.see("Restricted to invoices:write, keys:verify")
}
