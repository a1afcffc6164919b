package e2e

import (
	"testing"
)

// TestScopeCatalog creates scopes and a template, and adds keys that are
// restricted to them.
func TestScopeCatalog(t *testing.T) {
	t.Parallel()
	s := serve(t, nil)
	s.setUp(t)
	p := s.openSignedIn(t, desktop)
	p.goTo("/settings/scopes")
	p.see("Any scope")
	p.fill("Scope", "invoices read")
	p.click("Save scope")
	p.see("without spaces")
	p.step(1, "wrong scope")
	for _, name := range []string{"invoices:read", "invoices:write"} {
		p.fill("Scope", name)
		p.fill("What for", "For "+name)
		p.fill("Group", "Invoices")
		p.click("Save scope")
		p.see("The scope is saved.")
		p.see("For " + name)
	}
	p.click("invoices:write")
	p.until("the form to have it", `document.querySelector("[name=description]").value == "For invoices:write"`)
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
	p.step(2, "scopes")

	p.goTo("/settings/api-keys/new")
	p.fill("Name", "from a template")
	p.click("Restrict this key")
	p.click("Only these scopes")
	p.see("Change invoices")
	p.step(3, "restrict by catalogue")
	p.click("CI")
	p.click("Add API key")
	p.see("Copy your key now")
	key := keyShape.FindString(p.text())
	s.secret(key)
	for scope, want := range map[string]int{"invoices:read": 204, "keys:verify": 204, "invoices:write": 403,
		"keys:read": 403} {
		got := s.newClient(t).get("/verify?scope="+scope, "Authorization", "Bearer "+key).status
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
