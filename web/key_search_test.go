package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
)

// TestKeySearch uses each filter, as users who may see different keys.
func TestKeySearch(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	s.newOwner(t)
	s.addSam(t, "developer")
	s.addBeta(t)
	dana, sam := s.signInAt(t, "acme", testOwner), s.signInAt(t, "acme", samEmail)
	ben := s.signInAt(t, "beta", benEmail)
	add := func(c *client, name string, more ...string) string {
		form := addKeyForm(name, url.QueryEscape(name))
		for i := 0; i < len(more); i += 2 {
			form.Set(more[i], more[i+1])
		}
		return c.keyIn(c.post("/settings/api-keys", form).want(http.StatusCreated))
	}
	used := add(dana, "Über 100%_done", "expires", "30d")
	add(dana, "plain")
	sams := add(sam, "narrow", "access", "restricted", "scope", "a", "expires", "90d")
	bens := add(ben, "plain of Ben")
	s.verify(t, used)
	s.flushUsage(t)
	found := func(c *client, query url.Values) (names []string) {
		list := c.fetch("/settings/api-keys?" + query.Encode()).want(http.StatusOK)
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
		{[]string{"access", "royal", "unused", "x", "expiring", "-1"}, []string{"Über 100%_done", "plain", "narrow"},
			[]string{"narrow"}},
	} {
		if got := found(dana, fields(c.query...)); !slices.Equal(got, c.dana) {
			t.Errorf("Dana, %v: %q", c.query, got)
		}
		if got := found(sam, fields(c.query...)); !slices.Equal(got, c.sam) {
			t.Errorf("Sam, %v: %q", c.query, got)
		}
	}
	search := func(c *client, text string) *page { return c.post("/settings/api-keys/search", fields("q", text)) }
	a := search(dana, "  "+sams+"\n").want(http.StatusSeeOther)
	if a.location() != "/settings/api-keys/"+sam.keyID("narrow") {
		t.Errorf("a pasted key leads to %q", a.location())
	}
	for name, c := range map[string]struct {
		who *client
		key string
	}{"another workspace’s": {dana, bens}, "another’s": {sam, used}} {
		t.Run(name, func(t *testing.T) {
			who := c.who.in(t)
			search(who, c.key).want(http.StatusNotFound,
				"This is no key of this workspace, or not one that you may see.")
		})
	}
	dana.fetch("/settings/api-keys?q="+used).want(http.StatusForbidden, "There is a key in this address")
}

// TestSearchPage searches for keys, and finds one by its whole secret.
func TestSearchPage(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	dana := s.newOwner(t)
	key := dana.addKey("Invoices")
	dana.addKey("Nightly build")
	p := s.openTabSignedIn(t)
	search := func(text string) {
		t.Helper()
		setAttribute(p.page.find1("input[type=search]"), "value", text)
		p.click("Search")
	}
	p.see("2 active keys")
	search("INVOICE")
	p.see("Those that match")
	p.gone("Nightly build")
	search("nothing like it")
	p.see("No key matches")
	p.click("Show all keys")
	p.see("2 active keys")
	search(key)
	p.see("How to use it")
	p.see("Invoices")
	if strings.Contains(p.page.url.String(), key) {
		t.Errorf("the key is in the address %s", p.page.url.String())
	}
}
