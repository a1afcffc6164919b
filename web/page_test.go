package web

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/andybalholm/cascadia"
	"golang.org/x/net/html"
)

// page is a response, parsed as a browser would.
type page struct {
	t      testing.TB
	url    *url.URL
	status int
	header http.Header
	body   string
	root   *html.Node
}

func newPage(t testing.TB, u *url.URL, w *httptest.ResponseRecorder) *page {
	t.Helper()
	root, err := html.Parse(strings.NewReader(w.Body.String()))
	if err != nil {
		t.Fatal(err)
	}
	header := http.Header{} // as a client has it, with canonical names
	for name, values := range w.Header() {
		header[http.CanonicalHeaderKey(name)] = values
	}
	return &page{t: t, url: u, status: w.Code, header: header, body: w.Body.String(), root: root}
}

func (p *page) location() string { return p.header.Get("Location") }

// want fails the test unless the page has the status and contains each of the
// texts. It returns the page.
func (p *page) want(status int, texts ...string) *page {
	p.t.Helper()
	if p.status != status {
		p.t.Fatalf("%s: status %d, want %d\n%s", p.url, p.status, status, p.text())
	}
	p.wantText(texts...)
	return p
}

// wantText fails the test for each text that is not on the page.
func (p *page) wantText(texts ...string) {
	p.t.Helper()
	for _, text := range texts {
		if !strings.Contains(p.text(), text) {
			p.t.Errorf("%s: %q is not on the page:\n%s", p.url, text, p.text())
		}
	}
}

// wantNoText fails the test for each text that is on the page.
func (p *page) wantNoText(texts ...string) {
	p.t.Helper()
	for _, text := range texts {
		if strings.Contains(p.text(), text) {
			p.t.Errorf("%s: %q is on the page:\n%s", p.url, text, p.text())
		}
	}
}

// text returns the visible text of the page, with one space between words.
func (p *page) text() string { return textOf(p.find1("body")) }

// has reports whether an element matches a CSS selector. In addition to the
// standard, selectors may use :contains("text").
func (p *page) has(selector string) bool {
	p.t.Helper()
	return len(p.find(selector)) > 0
}

// find returns the elements that match a CSS selector, in document order.
func (p *page) find(selector string) []*html.Node {
	p.t.Helper()
	match, err := cascadia.ParseGroup(selector)
	if err != nil {
		p.t.Fatalf("selector %q: %v", selector, err)
	}
	return cascadia.QueryAll(p.root, match)
}

// find1 returns the one element that matches a CSS selector.
func (p *page) find1(selector string) *html.Node {
	p.t.Helper()
	all := p.find(selector)
	if len(all) != 1 {
		p.t.Fatalf("%s: %d elements match %s\n%s", p.url, len(all), selector, p.body)
	}
	return all[0]
}

// attribute returns an attribute of the one element that matches a CSS
// selector, or "" when it has none.
func (p *page) attribute(selector, name string) string {
	p.t.Helper()
	return attribute(p.find1(selector), name)
}

// texts returns the texts of the elements that match a CSS selector.
func (p *page) texts(selector string) (all []string) {
	p.t.Helper()
	for _, n := range p.find(selector) {
		all = append(all, textOf(n))
	}
	return all
}

// attribute returns an attribute of an element, or "" when it has none.
func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func hasAttribute(n *html.Node, name string) bool {
	return slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == name })
}

// unseen are the elements whose text is not visible.
var unseen = []string{"head", "script", "style", "svg", "template"}

// textOf returns the text of an element, with one space between words.
func textOf(n *html.Node) string {
	var b strings.Builder
	var walk func(*html.Node)
	walk = func(n *html.Node) {
		switch {
		case n.Type == html.TextNode:
			b.WriteString(n.Data)
		case n.Type == html.ElementNode && slices.Contains(unseen, n.Data):
			return
		}
		for child := range n.ChildNodes() {
			walk(child)
		}
		if n.Type == html.ElementNode && !slices.Contains(inline, n.Data) {
			b.WriteString(" ")
		}
	}
	walk(n)
	return strings.Join(strings.Fields(b.String()), " ")
}

// inline are the elements that do not end a word.
var inline = []string{"a", "abbr", "b", "bdi", "code", "em", "i", "kbd", "mark", "span", "strong", "time", "wbr"}
