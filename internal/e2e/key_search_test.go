package e2e

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/input"
)

// TestSearchPage looks for keys, and finds one by the whole of it.
func TestSearchPage(t *testing.T) {
	t.Parallel()
	for _, l := range []look{desktop, {scripts: false, width: 360, dark: true}} {
		t.Run(l.String(), func(t *testing.T) {
			t.Parallel()
			s := start(t, sqliteFile(t))
			dana := s.setUp(t)
			key := dana.addKey("Invoices")
			dana.addKey("Nightly build")
			p := s.openSignedIn(t, l)
			search := func(text string) {
				t.Helper()
				p.until("to find the search", `(() => { const f = document.querySelector("input[type=search]"); if (!f) return false; f.focus(); f.select(); return document.activeElement === f; })()`)
				call(p, input.InsertText, input.InsertTextParams{Text: text})
				p.click("Search")
			}
			p.see("2 active keys")
			search("INVOICE")
			p.see("Those that match")
			p.gone("Nightly build")
			p.step(1, "search")
			search("nothing like it")
			p.see("No key matches")
			p.click("Show all keys")
			p.see("2 active keys")
			search(key)
			p.see("How to use it")
			p.see("Invoices")
			if strings.Contains(p.location(), key) {
				t.Errorf("the key is in the address %s", p.location())
			}
		})
	}
}

// TestKeySearch tries each filter, as who may see which keys.
func TestKeySearch(t *testing.T) {
	t.Parallel()
	onBothEngines(t, func(t *testing.T, database string) {
		s := start(t, database)
		s.setUp(t)
		s.addSam(t, "developer")
		s.addBeta(t)
		dana, sam := s.signInAt(t, "acme", danaEmail, danaPassword), s.signInAt(t, "acme", samEmail, samPassword)
		ben := s.signInAt(t, "beta", benEmail, benPassword)
		add := func(c *client, name string, more ...string) string {
			form := keyForm(name, url.QueryEscape(name))
			for i := 0; i < len(more); i += 2 {
				form.Set(more[i], more[i+1])
			}
			return c.keyIn(c.want(c.post("/settings/api-keys", form), http.StatusCreated))
		}
		used := add(dana, "Über 100%_done", "expires", "30d")
		add(dana, "plain")
		sams := add(sam, "narrow", "access", "restricted", "scope", "a", "expires", "90d")
		bens := add(ben, "plain of Ben")
		s.verify(t, used)
		eventually(t, "the use to be written", func() bool { return count(t, database, `SELECT COUNT(*) FROM last_uses WHERE last_used_at > 0`) == 1 })
		found := func(c *client, query url.Values) (names []string) {
			list := c.want(c.get("/settings/api-keys?"+query.Encode()), http.StatusOK)
			for _, name := range []string{"Über 100%_done", "plain", "narrow", "plain of Ben"} {
				if strings.Contains(list.body, ">"+name+"</a>") {
					names = append(names, name)
				}
			}
			return names
		}
		hint := used[len(used)-4:]
		for _, c := range []struct {
			query []string
			dana  []string
			sam   []string
		}{
			{[]string{"q", "über"}, []string{"Über 100%_done"}, nil},
			{[]string{"q", "100%_"}, []string{"Über 100%_done"}, nil},
			{[]string{"q", "%"}, []string{"Über 100%_done"}, nil},
			{[]string{"q", `\`}, nil, nil},
			{[]string{"q", hint}, []string{"Über 100%_done"}, nil},
			{[]string{"q", "SAM@"}, []string{"narrow"}, []string{"narrow"}},
			{[]string{"q", "okafor"}, []string{"Über 100%_done", "plain"}, nil},
			{[]string{"q", "'; DROP TABLE keys; --"}, nil, nil},
			{[]string{"access", "full"}, []string{"Über 100%_done", "plain"}, nil},
			{[]string{"access", "restricted"}, []string{"narrow"}, []string{"narrow"}},
			{[]string{"unused", "ever"}, []string{"plain", "narrow"}, []string{"narrow"}},
			{[]string{"unused", "30"}, nil, nil}, // all are younger
			{[]string{"expiring", "14"}, nil, nil},
			{[]string{"expiring", "60"}, []string{"Über 100%_done"}, nil},
			{[]string{"expiring", "never"}, []string{"plain"}, nil},
			{[]string{"expiring", "never", "access", "restricted"}, nil, nil},
			{[]string{"access", "royal", "unused", "x", "expiring", "-1"}, []string{"Über 100%_done", "plain", "narrow"}, []string{"narrow"}},
		} {
			if got := found(dana, fields(c.query...)); !slices.Equal(got, c.dana) {
				t.Errorf("Dana, %v: %q", c.query, got)
			}
			if got := found(sam, fields(c.query...)); !slices.Equal(got, c.sam) {
				t.Errorf("Sam, %v: %q", c.query, got)
			}
		}
		search := func(c *client, text string) answer { return c.post("/settings/api-keys/search", fields("q", text)) }
		if a := dana.want(search(dana, "  "+sams+"\n"), http.StatusSeeOther); a.location() != "/settings/api-keys/"+sam.keyID("narrow") {
			t.Errorf("a pasted key leads to %q", a.location())
		}
		for name, c := range map[string]struct {
			who *client
			key string
		}{"another workspace’s": {dana, bens}, "another’s": {sam, used}} {
			t.Run(name, func(t *testing.T) {
				who := c.who.in(t)
				who.want(search(who, c.key), http.StatusNotFound, "This is no key of this workspace, or not one that you may see.")
			})
		}
		dana.want(dana.get("/settings/api-keys?q="+used), http.StatusForbidden, "There is a key in this address")
	})
}
