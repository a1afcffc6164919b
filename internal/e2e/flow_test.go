package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// TestFlow follows a new operator: set up, sign in, find the page, add a key,
// see it once, use it, revoke it.
func TestFlow(t *testing.T) {
	t.Parallel()
	for _, v := range []viewport{desktop, {scripts: false, width: 360, dark: true}} {
		t.Run(v.String(), func(t *testing.T) {
			t.Parallel()
			flow(t, v, sqliteFile(t))
		})
	}
}

func flow(t *testing.T, v viewport, database string) {
	s := start(t, database)
	s.secret(danaPassword)
	p := s.open(t, v)

	p.goTo(s.setup)
	p.see("Create the first workspace")
	p.step(1, "set up")
	fillSetup(p, "Acme")
	p.see("No API keys yet")
	p.step(2, "no keys yet")

	p.click("Settings")
	p.see("Sign out")
	p.step(3, "menu")
	p.click("Sign out")
	p.see("You are signed out.")
	p.step(4, "signed out")
	fillSignIn(p, danaEmail, danaPassword)
	p.see("No API keys yet")

	p.click("Settings")
	p.click("Workspace Settings")
	p.click("API keys")
	p.see("No API keys yet")

	p.click("Add API key")
	p.see("You will see the key once")
	p.step(5, "add")
	p.fill("Name", strings.Repeat("x", 101))
	p.click("Add API key")
	p.see("Use at most 100 characters.")
	p.wantFieldError("name", strings.Repeat("x", 101), "Use at most 100 characters.")
	p.step(6, "name too long")
	p.fill("Name", "CI deploy")
	p.click("Add API key")
	p.see("Copy your key now")
	p.see("curl " + s.url + "/api/v1/me")
	p.step(7, "once")
	key := keyShape.FindString(p.text())
	s.secret(key)
	hint := key[:7] + "…" + key[len(key)-4:]
	if dialogs := mustEval[int](p, `document.querySelectorAll("dialog[open]").length`); (dialogs == 1) != v.scripts {
		t.Errorf("the key is shown in %d dialogs", dialogs)
	}
	if a := s.verify(t, key); a.status != http.StatusNoContent || a.header.Get("X-Keylodge-Key-Name") != "CI deploy" {
		t.Fatalf("the key is answered with %d %v", a.status, a.header)
	}
	p.click("I have saved it")
	p.see("1 active key")
	p.gone(key)
	p.rowIs("CI deploy", map[string]string{"": hint, "Owner": danaName, "Created": "", "Last used": "127.0.0.1",
		"Expires": "Never"})

	p.click("Add API key")
	p.see("You will see the key once")
	p.click("Add API key")
	p.see("Untitled key is ready")
	s.secret(keyShape.FindString(p.text()))
	p.click("I have saved it")
	p.see("2 active keys")
	p.rowIs("Untitled key", map[string]string{"Last used": "Never"})

	p.click("Add API key")
	p.see("You will see the key once")
	p.fill("Name", markupName)
	p.click("Add API key")
	p.see(markupName + " is ready")
	s.secret(keyShape.FindString(p.text()))
	p.click("I have saved it")
	p.see("3 active keys")
	p.rowIs(markupName, map[string]string{"Last used": "Never"})
	p.click("Revoke " + markupName)
	p.see("Revoke “" + markupName + "”?")
	p.click("Cancel")
	p.see("3 active keys")
	p.step(8, "list")

	p.click("Revoke CI deploy")
	p.see("Revoke “CI deploy”?")
	p.see(hint)
	p.see("Still in use.")
	p.step(9, "question")
	p.click("Cancel")
	p.see("3 active keys")
	p.click("Revoke CI deploy")
	p.see("Revoke “CI deploy”?")
	p.click("These requests may fail")
	p.click("Revoke key")
	p.see("“CI deploy” is revoked.")
	p.see("2 active keys")
	p.step(10, "revoked")
	if a := s.verify(t, key); a.status != http.StatusUnauthorized {
		t.Fatalf("the revoked key is answered with %d", a.status)
	}
	p.click("Revoked 1")
	p.see("1 revoked key")
	p.rowIs("CI deploy", map[string]string{"": hint, "Owner": danaName, "Revoked": "", "Revoked by": danaName})
	p.step(11, "revoked keys")

	p.click("Settings")
	p.click("Sign out")
	p.see("You are signed out.")
	p.goTo("/settings/api-keys?state=revoked")
	p.see("Sign in")
	fillSignIn(p, danaEmail, danaPassword)
	p.see("1 revoked key") // where one was

	p.goTo("/settings/api-keys?state=expired")
	p.see("No expired keys")
	p.step(12, "no expired keys")
	p.goTo("/nothing/here")
	p.see("Not found")
	p.step(13, "not found")
}

// markupName shows an image and runs a script if it is treated as HTML.
const markupName = `"><img src=x onerror=1>`

// wantFieldError fails the test unless the field holds what was typed, has the
// error beside it, and gets the focus, which a page without scripts sets a
// moment after it is loaded.
func (p *page) wantFieldError(field, typed, wrong string) {
	p.t.Helper()
	p.until("that the focus is on the field "+quoted(field), `document.activeElement.id === `+quoted(field))
	type control struct{ ID, Value, Invalid, Described string }
	got := mustEval[control](p, `(e => ({id: e.id, value: e.value, invalid: e.getAttribute("aria-invalid"),
		described: (e.getAttribute("aria-describedby") ?? "").split(" ")
			.map(id => document.getElementById(id)?.textContent.trim()).join(" ")}))(document.activeElement)`)
	if want := (control{field, typed, "true", wrong}); got != want {
		p.t.Errorf("the focus is on %+v instead of %+v", got, want)
	}
}

// rowIs waits until the row with a name has these texts in its cells; "" is the
// cell of the name. The times of creation and revocation must be given to the
// second.
func (p *page) rowIs(name string, cells map[string]string) {
	p.t.Helper()
	p.until("the row of "+quoted(name)+" with "+fmt.Sprint(cells), fmt.Sprintf(`(() => {
		const row = [...document.querySelectorAll("tbody tr")].find(r => r.querySelector(".name")?.textContent === %s);
		return !!row && Object.entries(%s).every(([label, text]) =>
			[...row.cells].some(c => (c.dataset.l ?? "") === label && c.textContent.includes(text) &&
			(label !== "Created" && label !== "Revoked" || !!c.querySelector("time[datetime$=Z][title$=UTC]"))));
	})()`, quoted(name), quotedMap(cells)))
}

func fillSetup(p *page, workspaceName string) {
	p.t.Helper()
	p.fill("Workspace name", workspaceName)
	p.fill("Address", "acme")
	p.fill("Your name", danaName)
	p.fill("E-mail", danaEmail)
	p.fill("Password", danaPassword)
	p.click("Create workspace")
}

func fillSignIn(p *page, email, password string) {
	p.t.Helper()
	p.fill("E-mail", email)
	p.fill("Password", password)
	p.click("Sign in")
}

func quotedMap(texts map[string]string) string {
	b, _ := json.Marshal(texts)
	return string(b)
}
