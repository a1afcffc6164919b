package e2e

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	cdppage "github.com/chromedp/cdproto/page"
)

// wayToAdd is a way to add a key and be shown its secret.
type wayToAdd struct {
	name     string
	viewport viewport
	dialog   bool
}

var waysToAdd = []wayToAdd{
	{"in a dialog", desktop, true},
	{"as a page, scripts on", desktop, false},
	{"as a page, scripts off", viewport{scripts: false, width: 1280}, false},
}

// show adds a key in the browser and returns its secret while it is shown.
func (w wayToAdd) show(p *page, s *server, name string) string {
	p.t.Helper()
	if w.dialog {
		p.goTo("/settings/api-keys")
		p.click("Add API key")
	} else {
		p.goTo("/settings/api-keys/new")
	}
	p.see("You will see the key once")
	p.fill("Name", name)
	p.click("Add API key")
	p.see("Copy your key now")
	key := keyShape.FindString(p.text())
	if key == "" {
		p.t.Fatalf("no key is shown:\n%s", p.text())
	}
	s.secret(key)
	return key
}

// openSignedIn returns a tab where the owner is signed in.
func (s *server) openSignedIn(t *testing.T, v viewport) *page {
	t.Helper()
	c := s.newClient(t)
	c.want(c.post("/sign-in", fields("email", danaEmail, "password", danaPassword)), http.StatusSeeOther)
	p := s.open(t, v)
	for _, cookie := range c.jar.Cookies(parse(t, s.url)) {
		call(p, network.SetCookie, network.SetCookieParams{URL: s.url, Name: cookie.Name, Value: cookie.Value,
			HTTPOnly: new(true), SameSite: network.CookieSameSiteLax})
	}
	p.goTo("/settings/api-keys")
	p.see("API keys")
	return p
}

// TestNothingBringsTheKeyBack leaves the one-time page in each way and returns
// to it in each way.
func TestNothingBringsTheKeyBack(t *testing.T) {
	t.Parallel()
	leave := []struct {
		name string
		do   func(p *page)
	}{
		{"I have saved it", func(p *page) { p.click("I have saved it"); p.see("active key") }},
		{"the address bar", func(p *page) { p.goTo("/settings/api-keys?state=revoked"); p.see("No revoked keys") }},
		{"a reload", func(p *page) { p.reload(); p.gone("Copy your key now") }},
		{"Back", func(p *page) { p.goBack(-1); p.gone("Copy your key now") }},
	}
	for _, way := range waysToAdd {
		t.Run(way.name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, nil)
			s.setUp(t)
			p := s.openSignedIn(t, way.viewport)
			var keys []string
			for i, l := range leave {
				key := way.show(p, s, fmt.Sprintf("key %d", i))
				keys = append(keys, key)
				l.do(p)
				p.lacks(key, "after "+l.name)
				for _, steps := range []int64{-1, 1, -1} {
					h := call(p, cdppage.GetNavigationHistory, cdp.Empty{})
					if at := h.CurrentIndex + steps; at <= 0 || at >= int64(len(h.Entries)) {
						continue
					}
					p.goBack(steps)
					p.lacks(key, fmt.Sprintf("after %s and %+d in the history", l.name, steps))
				}
				p.reload()
				p.lacks(key, "after "+l.name+" and a reload")
				p.holdsNothing(key)
			}
			if n := count(t, s.database, `SELECT COUNT(*) FROM keys`); n != len(keys) {
				t.Errorf("%d keys were made by %d forms", n, len(keys))
			}
		})
	}
}

// lacks fails the test when the secret is anywhere in the page, visible or not.
func (p *page) lacks(key, when string) {
	p.t.Helper()
	p.until("that the page is all there", `document.readyState === "complete"`)
	all := mustEval[string](p,
		`document.documentElement.outerHTML + [...document.querySelectorAll("input")].map(i => i.value).join("\n")`)
	if strings.Contains(all, key) {
		p.t.Errorf("%s the key is in the page %s", when, p.location())
	}
}

// holdsNothing fails the test when the browser keeps the secret in the history,
// a URL, a cookie or any storage.
func (p *page) holdsNothing(key string) {
	p.t.Helper()
	var kept []string
	for _, entry := range call(p, cdppage.GetNavigationHistory, cdp.Empty{}).Entries {
		kept = append(kept, entry.URL, entry.Title)
	}
	for _, cookie := range call(p, network.GetCookies, network.GetCookiesParams{}).Cookies {
		kept = append(kept, cookie.Name, cookie.Value)
	}
	p.mu.Lock()
	kept = append(kept, p.requests...)
	p.mu.Unlock()
	if all := strings.Join(kept, "\n"); strings.Contains(all, key) {
		p.t.Errorf("the browser keeps the key:\n%s", all)
	}
	if !p.viewport.scripts {
		return // no script could have written there
	}
	n := mustEval[int](p, `(async () => localStorage.length + sessionStorage.length
		+ (await indexedDB.databases()).length + (await caches.keys()).length
		+ (await navigator.serviceWorker.getRegistrations()).length)()`)
	if n != 0 {
		p.t.Errorf("the page keeps %d things in the browser", n)
	}
}

// TestAnotherTabDoesNotShowTheKey opens pages in another tab while one tab
// shows a secret.
func TestAnotherTabDoesNotShowTheKey(t *testing.T) {
	t.Parallel()
	s := serve(t, nil)
	s.setUp(t)
	p := s.openSignedIn(t, desktop)
	key := waysToAdd[0].show(p, s, "CI deploy")
	other := p.newTab()
	for _, address := range []string{"/settings/api-keys", "/settings/api-keys/new", p.location()} {
		other.goTo(address)
		other.see("API key")
		other.lacks(key, "at "+address)
	}
}
