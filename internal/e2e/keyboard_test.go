package e2e

import (
	"net/http"
	"testing"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// focused is the focused element: its name, and whether its focus is visible.
const focused = `(() => {
  const e = document.activeElement, r = e.getBoundingClientRect();
  const ring = [e, e.parentElement].map(x => getComputedStyle(x)).some(s => s.outlineStyle !== "none" &&
	parseFloat(s.outlineWidth) >= 2);
  const name = e === document.body ? "" : e.labels?.length ? e.labels[0].firstChild.textContent ||
	e.labels[0].textContent : ` + says + `(e);
  return {name: name.trim(), visible: e === document.body || ring && r.width > 0 && r.bottom > 0 &&
	r.top < innerHeight};
})()`

type focusedElement struct {
	Name    string
	Visible bool
}

// tabTo presses Tab until the element with a name is focused. The focus must be
// visible at each stop.
func (p *page) tabTo(name string) {
	p.t.Helper()
	for range 80 {
		now := mustEval[focusedElement](p, focused)
		if !now.Visible {
			p.t.Errorf("the focus can't be seen on %q", now.Name)
		}
		if now.Name == name {
			return
		}
		p.press(kb.Tab)
	}
	p.t.Fatalf("Tab does not reach %q at %s\n%s", name, p.location(), p.text())
}

// backTo presses Shift+Tab once, which must focus the element with a name.
func (p *page) backTo(name string) {
	p.t.Helper()
	p.do(chromedp.KeyEvent(kb.Tab, chromedp.KeyModifiers(kb.ModifierShift)))
	p.focusIs(name)
}

// enter tabs to a link or button and presses Enter.
func (p *page) enter(name string) {
	p.t.Helper()
	p.tabTo(name)
	p.press(kb.Enter)
}

// typeInto tabs to a field and types.
func (p *page) typeInto(name, text string) {
	p.t.Helper()
	p.tabTo(name)
	call(p, input.InsertText, input.InsertTextParams{Text: text})
}

// focusIs waits until the element with a name is focused.
func (p *page) focusIs(name string) {
	p.t.Helper()
	p.until("that the focus is on "+quoted(name), focused+`.name === `+quoted(name))
}

// TestKeyboard follows the flow with Tab, Shift+Tab, Enter, Space and Escape
// only.
func TestKeyboard(t *testing.T) {
	t.Parallel()
	for _, v := range []viewport{desktop, {scripts: false, width: 1280}} {
		t.Run(v.String(), func(t *testing.T) {
			t.Parallel()
			s := serve(t, nil)
			p := s.open(t, v)
			p.goTo(s.setup)
			p.see("Create the first workspace")
			p.focusIs("Workspace name")
			p.typeInto("Workspace name", "Acme")
			p.typeInto("Address", "acme")
			p.typeInto("Your name", danaName)
			p.typeInto("E-mail", danaEmail)
			p.typeInto("Password", danaPassword)
			p.press(kb.Enter)
			p.see("No API keys yet")

			p.enter("Settings")
			p.see("Workspace Settings")
			p.enter("Sign out")
			p.see("You are signed out.")
			p.typeInto("Password", danaPassword)
			p.backTo("E-mail")
			p.typeInto("E-mail", danaEmail)
			p.enter("Sign in")
			p.see("No API keys yet")

			p.tabTo("Settings")
			p.press(" ")
			p.see("Workspace Settings")
			p.press(kb.Escape)
			p.gone("Workspace Settings")
			p.focusIs("Settings")
			p.press(" ")
			p.see("Workspace Settings")
			p.enter("Workspace Settings")
			p.see("Workspace name")
			p.enter("API keys")
			p.see("No API keys yet")

			p.enter("Add API key")
			p.see("You will see the key once")
			p.focusIs("Name")
			p.enter("Cancel")
			p.see("No API keys yet")
			if v.scripts {
				p.focusIs("Add API key")
				p.press(kb.Enter)
				p.see("You will see the key once")
				p.press(kb.Escape)
				p.see("No API keys yet")
				p.focusIs("Add API key")
			}
			p.enter("Add API key")
			p.see("You will see the key once")
			p.typeInto("Name", "CI deploy")
			p.press(kb.Enter)
			p.see("Copy your key now")
			key := keyShape.FindString(p.text())
			s.secret(key)
			p.press(kb.Escape, kb.Escape)
			p.see(key)
			p.enter("I have saved it")
			p.see("1 active key")
			if v.scripts {
				p.focusIs("Add API key")
			}

			p.enter("Revoke CI deploy")
			p.see("Revoke “CI deploy”?")
			p.enter("Cancel")
			p.see("1 active key")
			if v.scripts {
				p.focusIs("Revoke CI deploy")
				p.press(kb.Enter)
				p.see("Revoke “CI deploy”?")
				p.press(kb.Escape)
				p.see("1 active key")
				p.focusIs("Revoke CI deploy")
			}
			p.enter("Revoke CI deploy")
			p.see("Revoke “CI deploy”?")
			p.tabTo("Revoke key")
			p.press(" ")
			p.see("“CI deploy” is revoked.")
			p.see("No active keys")
			if v.scripts {
				p.focusIs("Add API key") // the list has no row to return to
			}
			if a := s.verify(t, key); a.status != http.StatusUnauthorized {
				t.Errorf("the revoked key is answered with %d", a.status)
			}
			p.enter("Revoked 1")
			p.see("1 revoked key")
			p.checkErrors()
		})
	}
}
