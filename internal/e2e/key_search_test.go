package e2e

import (
	"strings"
	"testing"

	"github.com/chromedp/cdproto/input"
)

// TestSearchPage searches for keys, and finds one by its whole secret.
func TestSearchPage(t *testing.T) {
	t.Parallel()
	s := serve(t, nil)
	dana := s.setUp(t)
	key := dana.addKey("Invoices")
	dana.addKey("Nightly build")
	p := s.openSignedIn(t, phone)
	search := func(text string) {
		t.Helper()
		p.until("to find the search", `(() => {
			const f = document.querySelector("input[type=search]");
			if (!f) return false;
			f.focus();
			f.select();
			return document.activeElement === f;
		})()`)
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
}
