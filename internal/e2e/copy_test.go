package e2e

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// TestKeyIsNotLostByAccident tries what closes other dialogs. The dialog with a
// new key closes only after the secret was copied or confirmed as saved.
func TestKeyIsNotLostByAccident(t *testing.T) {
	t.Parallel()
	s := serve(t, nil)
	s.setUp(t)
	p := s.openSignedIn(t, desktop)
	p.clipboard(browser.PermissionSettingGranted)
	key := waysToAdd[0].show(p, s, "CI deploy")
	p.press(kb.Escape, kb.Escape, kb.Escape)
	p.do(chromedp.MouseClickXY(5, 400)) // outside the dialog
	p.see(key)
	p.see("Copy the key first")

	p.click("Copy")
	p.see("Copied")
	if copied := mustEval[string](p, `navigator.clipboard.readText()`); copied != key {
		t.Errorf("Copy copied %q", copied)
	}
	p.press(kb.Escape)
	p.see("1 active key")
	p.lacks(key, "after Escape")
	p.focusIs("Add API key")
	if p.asked > 0 {
		t.Error("the page asked whether to leave it after the key was copied")
	}
	p.checkErrors()
}

// TestPageAsksBeforeItIsLeft leaves the one-time page before the secret was
// copied.
func TestPageAsksBeforeItIsLeft(t *testing.T) {
	t.Parallel()
	for _, way := range waysToAdd[:2] {
		t.Run(way.name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, nil)
			s.setUp(t)
			p := s.openSignedIn(t, desktop)
			way.show(p, s, "CI deploy")
			p.goTo("/settings/api-keys?state=revoked")
			p.see("No revoked keys")
			p.mu.Lock()
			defer p.mu.Unlock()
			if p.asked != 1 {
				t.Errorf("the page asked %d times whether to leave it", p.asked)
			}
		})
	}
}

// TestRefusedClipboard denies access to the clipboard: the secret is selected,
// and the label names the shortcut to press.
func TestRefusedClipboard(t *testing.T) {
	t.Parallel()
	for _, way := range waysToAdd[:2] {
		t.Run(way.name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, nil)
			s.setUp(t)
			p := s.openSignedIn(t, desktop)
			p.clipboard(browser.PermissionSettingDenied)
			key := way.show(p, s, "CI deploy")
			p.click("Copy")
			p.see("Press Ctrl+C")
			if selected := mustEval[string](p, `getSelection().toString().trim()`); selected != key {
				t.Errorf("selected is %q", selected)
			}
			p.see(key)
		})
	}
}

// TestExampleWorks runs the example next to a new key in a shell.
func TestExampleWorks(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("curl"); err != nil {
		cannot(t, "curl is not installed, so the example beside a new key was not run")
	}
	for _, host := range []string{"localhost", "acme.localhost"} {
		t.Run(host, func(t *testing.T) {
			t.Parallel()
			s := serve(t, nil)
			s.setUp(t)
			s.url = strings.Replace(s.url, "localhost", host, 1)
			p := s.openSignedIn(t, viewport{width: 1280})
			waysToAdd[2].show(p, s, "CI deploy")
			example := mustEval[string](p, `document.querySelector("pre").innerText`)
			if !strings.Contains(example, "//"+host+":") {
				t.Errorf("the example asks elsewhere:\n%s", example)
			}
			out, err := exec.Command("sh", "-c", strings.Replace(example, "curl ", "curl --silent --show-error ", 1)).
				CombinedOutput()
			if err != nil || !strings.Contains(string(out), `"name":"CI deploy"`) {
				t.Errorf("%s\n%v: %s", example, err, out)
			}
		})
	}
}

// TestDoubleClickMakesOneKey clicks the button twice, as fast as possible.
func TestDoubleClickMakesOneKey(t *testing.T) {
	t.Parallel()
	for _, way := range waysToAdd {
		t.Run(way.name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, nil)
			s.setUp(t)
			p := s.openSignedIn(t, way.viewport)
			p.goTo("/settings/api-keys/new")
			if way.dialog {
				p.goTo("/settings/api-keys")
				p.click("Add API key")
			}
			p.see("You will see the key once")
			p.find("Add API key")
			mustEval[bool](p, `(button => { button.click(); button.click(); return true; })(
				[...`+top+`.querySelectorAll("button[type=submit]")].pop())`)
			p.until("a response",
				`["Copy your key now", "was added already"].some(text => `+top+`.innerText.includes(text))`)
			if n := count(t, s.database, `SELECT COUNT(*) FROM keys`); n != 1 {
				t.Errorf("%d keys were made", n)
			}
			if way.viewport.scripts {
				p.see("Copy your key now") // the second click did not hide the key
			}
		})
	}
}
