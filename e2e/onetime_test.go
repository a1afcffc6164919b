package e2e

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	cdppage "github.com/chromedp/cdproto/page"
)

// wayToAdd is a way in which a person comes to see a new key.
type wayToAdd struct {
	name   string
	look   look
	dialog bool
}

var waysToAdd = []wayToAdd{
	{"in a dialog", desktop, true},
	{"as a page, scripts on", desktop, false},
	{"as a page, scripts off", look{scripts: false, width: 1280}, false},
}

// show adds a key in the browser and returns it while it is shown.
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

// openSignedIn returns a tab in which somebody has signed in.
func (s *server) openSignedIn(t *testing.T, l look) *page {
	t.Helper()
	p := s.open(t, l)
	p.goTo("/sign-in")
	fillSignIn(p, danaEmail, danaPassword)
	p.see("API keys")
	return p
}

// TestNothingBringsTheKeyBack leaves the one-time page in each way and comes back in each way.
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
			s := start(t, sqliteFile(t))
			s.setUp(t)
			p := s.openSignedIn(t, way.look)
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

// lacks fails the test when the key is anywhere in the page, seen or not.
func (p *page) lacks(key, when string) {
	p.t.Helper()
	p.until("that the page is all there", `document.readyState === "complete"`)
	all := mustEval[string](p, `document.documentElement.outerHTML + [...document.querySelectorAll("input")].map(i => i.value).join("\n")`)
	if strings.Contains(all, key) {
		p.t.Errorf("%s the key is in the page %s", when, p.location())
	}
}

// holdsNothing fails the test when the browser keeps the key in the history, an address, a cookie, or any store.
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
	if !p.look.scripts {
		return // no script could have written there
	}
	if n := mustEval[int](p, `(async () => localStorage.length + sessionStorage.length + (await indexedDB.databases()).length
		+ (await caches.keys()).length + (await navigator.serviceWorker.getRegistrations()).length)()`); n != 0 {
		p.t.Errorf("the page keeps %d things in the browser", n)
	}
}

// TestKeyIsWipedWhenThePageIsLeft holds the page to both of its own precautions. Chromium needs neither today: it
// keeps no answer to a POST for Back, and no page that has fetched what must not be stored. Other browsers do.
func TestKeyIsWipedWhenThePageIsLeft(t *testing.T) {
	t.Parallel()
	for _, way := range waysToAdd[:2] {
		t.Run(way.name, func(t *testing.T) {
			t.Parallel()
			s := start(t, sqliteFile(t))
			s.setUp(t)
			p := s.openSignedIn(t, way.look)
			key := way.show(p, s, "CI deploy")
			mustEval[bool](p, `dispatchEvent(new PageTransitionEvent("pagehide", {persisted: true}))`)
			p.lacks(key, "after pagehide")
			mustEval[bool](p, `dispatchEvent(new PageTransitionEvent("pageshow", {persisted: true}))`)
			p.see("1 active key")
		})
	}
}

// TestCookieChangesAfterTheKeyWasShown is the precaution that needs no script: a page is not brought back once a
// cookie that scripts can't see has changed.
func TestCookieChangesAfterTheKeyWasShown(t *testing.T) {
	t.Parallel()
	s := start(t, sqliteFile(t))
	c := s.setUp(t)
	for _, headers := range [][]string{nil, {"HX-Request", "true"}} {
		a := c.want(c.post("/settings/api-keys", keyForm("CI deploy", c.nonce()), headers...), http.StatusCreated)
		set := (&http.Response{Header: a.header}).Cookies()
		if len(set) != 1 || !set[0].HttpOnly || a.header.Get("Cache-Control") != "no-store" || a.header.Get("Content-Encoding") != "" {
			t.Fatalf("the answer with the key: %v", a.header)
		}
		next := (&http.Response{Header: c.get("/settings/api-keys").header}).Cookies()
		if len(next) != 1 || next[0].Name != set[0].Name || next[0].MaxAge >= 0 {
			t.Errorf("the next page sets %v", next)
		}
		if after := c.get("/settings/api-keys").header["Set-Cookie"]; after != nil {
			t.Errorf("the page after sets %v", after)
		}
	}
}

// TestAnotherTabDoesNotShowTheKey looks from elsewhere while a tab shows a key.
func TestAnotherTabDoesNotShowTheKey(t *testing.T) {
	t.Parallel()
	s := start(t, sqliteFile(t))
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

// TestDatabaseHoldsNoSecret reads all that the database holds after keys, passwords, sessions and links.
func TestDatabaseHoldsNoSecret(t *testing.T) {
	t.Parallel()
	onBothEngines(t, func(t *testing.T, database string) {
		s := start(t, database)
		c := s.setUp(t)
		c.addKey("CI deploy")
		c.revoke(c.keyID("CI deploy"))
		c.addKey("Nightly export")
		s.newClient(t).post("/sign-in", fields("email", danaEmail, "password", "not the right password"))
		s.keylodge(t, "user", "reset-link", "--email", danaEmail)
		content := databaseContent(t, database)
		if !strings.Contains(content, danaEmail) || !strings.Contains(content, "CI deploy") {
			t.Fatal("the search does not find even what is there")
		}
		for secret := range s.secrets {
			if strings.Contains(content, secret) || strings.Contains(content, fmt.Sprintf("%x", secret)) {
				t.Errorf("the database holds the secret %q", secret)
			}
		}
		if len(s.secrets) < 7 { // set-up token, password twice, two keys, a session and a device at least
			t.Errorf("only %d secrets were looked for", len(s.secrets))
		}
	})
}

// TestBrowserKeepsPagesForBack proves that Back is more than a reload here: this browser shows a page again that
// must not be stored, scripts on or off.
func TestBrowserKeepsPagesForBack(t *testing.T) {
	t.Parallel()
	for _, way := range waysToAdd[1:] {
		t.Run(way.name, func(t *testing.T) {
			var served atomic.Int32
			site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Content-Type", "text/html")
				if r.URL.Path == "/secret" {
					w.Header().Set("Cache-Control", "no-store")
					fmt.Fprintf(w, `<link rel="icon" href="data:,"><p>secret %d</p>`, served.Add(1))
				}
			}))
			t.Cleanup(site.Close)
			p := (&server{url: site.URL}).open(t, way.look)
			p.goTo("/secret")
			p.see("secret 1")
			p.goTo("/elsewhere")
			p.goBack(-1)
			p.see("secret 1")
		})
	}
}

// keepable is a site before a server which answers GET /kept, once, with the answer that shows a new key. Browsers
// keep such a page for Back, while today's Chromium keeps no answer to a POST and none that is not 200. Without
// cookies that answer loses the cookie by which the server has the page dropped.
func keepable(t *testing.T, s *server, cookies bool) *httptest.Server {
	t.Helper()
	target, err := url.Parse(s.url)
	if err != nil {
		t.Fatal(err)
	}
	var shown atomic.Bool
	site := httptest.NewServer(&httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(target)
			if r.In.URL.Path != "/kept" || !shown.CompareAndSwap(false, true) {
				return
			}
			form := fields("name", "CI deploy", "expires", "never", "nonce", "kept").Encode()
			r.Out.Method, r.Out.URL.Path = http.MethodPost, "/settings/api-keys"
			r.Out.Body, r.Out.ContentLength = io.NopCloser(strings.NewReader(form)), int64(len(form))
			r.Out.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.Out.Header.Set("Sec-Fetch-Site", "same-origin")
		},
		ModifyResponse: func(r *http.Response) error {
			if r.StatusCode == http.StatusCreated {
				r.StatusCode = http.StatusOK
				if !cookies {
					r.Header.Del("Set-Cookie")
				}
			}
			return nil
		},
	})
	t.Cleanup(site.Close)
	return site
}

// TestKeptPageForgetsTheKey goes Back to a page with a key that the browser could have kept. The cookie and the
// script each see to it alone; without both the key comes back, which proves that the browser does keep the page.
func TestKeptPageForgetsTheKey(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name             string
		scripts, cookies bool
	}{
		{"by the cookie", false, true},
		{"by the script", true, false},
		{"by neither", false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := start(t, sqliteFile(t))
			s.setUp(t)
			site := keepable(t, s, c.cookies)
			p := (&server{url: site.URL}).openSignedIn(t, look{scripts: c.scripts, width: 1280})
			p.goTo("/kept")
			p.see("Copy your key now")
			key := keyShape.FindString(p.text())
			s.secret(key)
			p.click("I have saved it")
			p.see("1 active key")
			p.goBack(-1)
			if c.scripts || c.cookies {
				p.lacks(key, "after Back")
			} else {
				p.see(key)
			}
		})
	}
}

// TestLeavingEmptiesThePage looks at the page as a browser would keep it.
func TestLeavingEmptiesThePage(t *testing.T) {
	t.Parallel()
	s := start(t, sqliteFile(t))
	s.setUp(t)
	for _, way := range waysToAdd[:2] {
		t.Run(way.name, func(t *testing.T) {
			p := s.openSignedIn(t, way.look)
			key := way.show(p, s, "CI deploy")
			mustEval[bool](p, `dispatchEvent(new PageTransitionEvent("pagehide", {persisted: true}))`)
			p.lacks(key, "once it is left")
		})
	}
}
