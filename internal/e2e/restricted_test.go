package e2e

import (
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// TestRestrictedKey reads what the pages say about a restricted key, a disabled
// key, and a workspace whose keys are disabled.
func TestRestrictedKey(t *testing.T) {
	t.Parallel()
	for _, v := range []viewport{phone, {scripts: false, width: 1280}} {
		t.Run(v.String(), func(t *testing.T) {
			t.Parallel()
			s := serve(t, nil)
			dana := s.setUp(t)
			p := s.openSignedIn(t, v)
			key := addRestricted(p, s)

			p.see("1 active key")
			p.rowIs("CI deploy",
				map[string]string{"": "invoices:read, invoices:write +1 · 2 networks · 100/1m", "Last used": "Never"})
			p.step(5, "restricted key in the list")
			for query, want := range map[string]int{"": 204, "?scope=reports:read": 204, "?scope=reports:write": 403} {
				a := s.newClient(t).get("/verify"+query, "Authorization", "Bearer "+key, "User-Agent", "curl/8.14.1")
				if a.status != want {
					t.Errorf("/verify%s: %d instead of %d", query, a.status, want)
				}
			}
			p.reload()
			p.rowIs("CI deploy", map[string]string{"Last used": "127.0.0.1"})
			p.until("where the key was used from, and by which program",
				`document.querySelector("[data-l='Last used'] time").title.endsWith(" UTC from 127.0.0.1 by curl")`)
			p.click("Revoke CI deploy")
			p.see("Revoke “CI deploy”?")
			p.see(restrictions)
			p.see("from 127.0.0.1 by curl.")
			p.step(6, "question about a restricted key")
			p.click("Cancel")
			p.see("1 active key")

			s.keylodge(t, "key", "disable", dana.keyID("CI deploy"))
			p.reload()
			p.rowIs("CI deploy", map[string]string{"": "Disabled"})
			p.until("when the key was disabled",
				`document.querySelector("#keys .chip time[datetime$=Z]").title.endsWith(" UTC")`)
			p.step(7, "disabled key in the list")
			p.click("Revoke CI deploy")
			p.see("was disabled just now and is refused already")
			p.step(8, "question about a disabled key")
			p.click("Cancel")
			p.see("1 active key")

			s.keylodge(t, "workspace", "disable", "--slug", "acme")
			p.reload()
			p.until("the banner", `document.querySelector("[role=status]#disabled")?.
				innerText.includes("Whoever runs Keylodge can enable them again.")`)
			p.see("All keys of this workspace were disabled just now.")
			p.step(9, "disabled workspace")
			s.keylodge(t, "workspace", "enable", "--slug", "acme")
			p.reload()
			p.gone("All keys of this workspace")
			p.see("1 active key")

			form := keyForm("long scopes", "long scopes")
			form["scope"] = []string{strings.Repeat("W", 64), strings.Repeat("w", 64)}
			dana.want(dana.post("/settings/api-keys", form), http.StatusCreated)
			p.reload()
			p.rowIs("long scopes", map[string]string{"": strings.Repeat("W", 64)})
			p.step(10, "long scopes in the list")
		})
	}
}

// restrictions describe the key of addRestricted.
const restrictions = "Restricted to invoices:read, invoices:write, reports:read · " +
	"from 127.0.0.0/8, 2001:db8::/32 · 100/1m on each node."

// addRestricted adds a key by the form, after some invalid input, and returns
// its secret.
func addRestricted(p *page, s *server) string {
	p.t.Helper()
	p.click("Add API key")
	p.see("You will see the key once")
	p.until("that the restrictions are folded", `!document.querySelector("details").open`)
	p.fill("Name", "CI deploy")
	p.click("Restrict this key")
	p.see("Each node counts by itself")
	p.step(1, "form opened")
	p.until("that full access asks for no scopes", `!document.getElementById("scope").getClientRects().length`)
	p.click("Only these scopes")
	p.see("A scope is a name that your services ask for")
	p.step(2, "form restricted")
	p.click("Add API key")
	p.see("Name the scopes that it is restricted to.")
	p.wantFieldError("scope", "", "Name the scopes that it is restricted to.")

	p.fill("Scopes", "invoices:read, invoices:write reports:read")
	p.fill("Allowed addresses", "127.0.0.1/8 2001:db8::/32")
	p.fill("Rate limit", "often")
	p.click("All that its owner may do")
	p.click("Add API key")
	const beyond = "Full access goes beyond these scopes. Choose to restrict it to them, or remove them."
	p.see(beyond)
	p.wantFieldError("scope", "invoices:read, invoices:write reports:read", beyond)
	p.until("that no part of a dialog is below the window", `!document.querySelector("dialog") ||
		document.querySelector("dialog").getBoundingClientRect().bottom <= innerHeight`)
	p.step(3, "form refused")
	p.click("Only these scopes")
	p.click("Add API key")
	p.see("Did you mean 127.0.0.0/8?")
	p.wantFieldError("allow_from", "127.0.0.1/8 2001:db8::/32",
		"127.0.0.1/8 is an address within a network. Did you mean 127.0.0.0/8?")
	p.fill("Allowed addresses", "127.0.0.0/8\n2001:db8::/32")
	p.click("Add API key")
	p.see("Give a number of requests and a time, such as 100/1m.")
	p.wantFieldError("rate_limit", "often", "Give a number of requests and a time, such as 100/1m.")
	p.fill("Rate limit", "100/1m")
	p.click("Add API key")

	p.see("CI deploy is ready")
	p.see(restrictions)
	p.see("Anyone who has this key can use its scopes in Acme.")
	p.step(4, "restricted key once")
	key := keyShape.FindString(p.text())
	s.secret(key)
	p.click("I have saved it")
	return key
}

// TestRestrictingByKeyboard fills in the folded part of the form without a
// mouse, in windows of little height.
func TestRestrictingByKeyboard(t *testing.T) {
	t.Parallel()
	s := serve(t, nil)
	s.setUp(t)
	p := s.openSignedIn(t, viewport{scripts: true, width: 360})
	for height := int64(360); height <= 720; height += 40 {
		p.do(chromedp.EmulateViewport(360, height))
		p.enter("Add API key")
		p.see("You will see the key once")
		p.tabToUncovered("Restrict this key")
		p.press(kb.Enter)
		p.see("Access")
		p.tabToUncovered("All that its owner may do")
		p.press(kb.ArrowRight)
		p.focusIs("Only these scopes")
		for _, field := range []string{"Scopes", "Allowed addresses", "Rate limit"} {
			p.tabToUncovered(field)
		}
		p.enter("Cancel")
		p.see("No API keys yet")
	}
	p.enter("Add API key")
	p.see("You will see the key once")
	p.enter("Restrict this key")
	p.tabTo("All that its owner may do")
	p.press(kb.ArrowRight)
	p.typeInto("Scopes", "a:read")
	p.typeInto("Rate limit", "100/1m")
	p.press(kb.Enter)
	p.see("Restricted to a:read · 100/1m on each node.")
	key := keyShape.FindString(p.text())
	s.secret(key)
	if a := s.newClient(t).get("/verify?scope=b", "Authorization", "Bearer "+key); a.status != http.StatusForbidden {
		t.Errorf("beyond its scope the key gets %d", a.status)
	}
	p.checkErrors()
}

// tabToUncovered is tabTo, and fails the test when the form's sticky buttons
// hide what has the focus. A browser scrolls a field of several lines only as
// far as its first line.
func (p *page) tabToUncovered(name string) {
	p.t.Helper()
	p.tabTo(name)
	type places struct{ Middle, Buttons, Window float64 }
	at := mustEval[places](p, `(r => ({
		middle: (r.top + r.bottom) / 2,
		buttons: document.querySelector("dialog footer").getBoundingClientRect().top,
		window: innerHeight,
	}))(document.activeElement.getBoundingClientRect())`)
	if at.Middle > at.Buttons {
		p.t.Errorf("%q is at %v px, under the buttons, which begin at %v px in a window of %v px",
			name, at.Middle, at.Buttons, at.Window)
	}
}
