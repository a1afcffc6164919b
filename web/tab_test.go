package web

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// tab is a browser tab without JavaScript. It finds links, buttons and fields
// by their names, as a user does.
type tab struct {
	*client
	page *page
}

// openTab returns a tab of the client at a path.
func (c *client) openTab(path string) *tab {
	c.t.Helper()
	p := &tab{client: c}
	p.goTo(path)
	return p
}

// goTo opens a path or a URL of the server.
func (p *tab) goTo(path string) {
	p.t.Helper()
	u, err := url.Parse(path)
	if err != nil {
		p.t.Fatal(err)
	}
	there := *p.client
	if u.Host != "" {
		there.host = u.Host
	}
	p.page = there.get(u.RequestURI())
}

func (p *tab) reload() { p.t.Helper(); p.goTo(p.page.url.String()) }

func (p *tab) text() string { p.t.Helper(); return p.page.text() }

// see fails the test unless the page has a text.
func (p *tab) see(texts ...string) {
	p.t.Helper()
	for _, text := range texts {
		if !strings.Contains(p.text(), text) {
			p.t.Fatalf("%s: %q is not on the page:\n%s", p.page.url, text, p.text())
		}
	}
}

// gone fails the test when the page has a text.
func (p *tab) gone(text string) { p.t.Helper(); p.page.wantNoText(text) }

// says returns the accessible name of an element.
func says(n *html.Node) string {
	if hasAttribute(n, "aria-label") {
		return attribute(n, "aria-label")
	}
	return strings.Join(strings.Fields(rawText(n)), " ")
}

// click follows the first link, presses the first button or ticks the first
// choice that has a name.
func (p *tab) click(name string) {
	p.t.Helper()
	for _, n := range p.page.find("a[href], button, summary, .choice label, .tick") {
		if says(n) != name {
			continue
		}
		switch n.Data {
		case "summary":
		case "a":
			to, err := p.page.url.Parse(attribute(n, "href"))
			if err != nil {
				p.t.Fatal(err)
			}
			p.goTo(to.String())
		case "button":
			if hasAttribute(n, "popovertarget") {
				return // what it opens is on the page already
			}
			there := *p.client
			there.host = p.page.url.Host
			p.page = there.sendForm(p.page, p.page.formWith(n))
		default:
			p.tick(p.control(n))
		}
		return
	}
	p.t.Fatalf("%s: nothing to click is called %q\n%s", p.page.url, name, p.text())
}

// tick chooses a radio button, or toggles a checkbox.
func (p *tab) tick(n *html.Node) {
	p.t.Helper()
	if attribute(n, "type") == "checkbox" {
		if hasAttribute(n, "checked") {
			removeAttribute(n, "checked")
		} else {
			setAttribute(n, "checked", "")
		}
		return
	}
	for _, other := range p.page.find(`input[type=radio][name="` + attribute(n, "name") + `"]`) {
		if p.page.formOf(other) == p.page.formOf(n) {
			removeAttribute(other, "checked")
		}
	}
	setAttribute(n, "checked", "")
}

// control returns the control of a label.
func (p *tab) control(label *html.Node) *html.Node {
	p.t.Helper()
	if id := attribute(label, "for"); id != "" {
		return p.page.find1(`[id="` + id + `"]`)
	}
	for n := range label.Descendants() {
		if n.Type == html.ElementNode && slices.Contains([]string{"input", "select", "textarea"}, n.Data) {
			return n
		}
	}
	p.t.Fatalf("%s: the label %q has no control", p.page.url, says(label))
	return nil
}

// labeled returns the control of the first label that begins with a text.
func (p *tab) labeled(text string) *html.Node {
	p.t.Helper()
	for _, label := range p.page.find("label") {
		if strings.HasPrefix(strings.TrimSpace(rawText(label)), text) {
			return p.control(label)
		}
	}
	p.t.Fatalf("%s: no field is called %q\n%s", p.page.url, text, p.text())
	return nil
}

// fill replaces the content of the field with a label.
func (p *tab) fill(label, text string) {
	p.t.Helper()
	n := p.labeled(label)
	if n.Data != "textarea" {
		setAttribute(n, "value", text)
		return
	}
	for n.FirstChild != nil {
		n.RemoveChild(n.FirstChild)
	}
	n.AppendChild(&html.Node{Type: html.TextNode, Data: text})
}

// choose picks the option whose text begins with a text.
func (p *tab) choose(label, option string) {
	p.t.Helper()
	list := p.labeled(label)
	var chosen *html.Node
	for n := range list.Descendants() {
		if n.Type == html.ElementNode && n.Data == "option" {
			removeAttribute(n, "selected")
			if chosen == nil && strings.HasPrefix(textOf(n), option) {
				chosen = n
			}
		}
	}
	if chosen == nil {
		p.t.Fatalf("%s: %q has no option %q", p.page.url, label, option)
	}
	setAttribute(chosen, "selected", "")
}

func setAttribute(n *html.Node, name, value string) {
	removeAttribute(n, name)
	n.Attr = append(n.Attr, html.Attribute{Key: name, Val: value})
}

func removeAttribute(n *html.Node, name string) {
	n.Attr = slices.DeleteFunc(n.Attr, func(a html.Attribute) bool { return a.Key == name })
}

// rowIs fails the test unless the row of a name in the list has these texts in
// its cells; "" is the cell of the name. The times of creation and revocation
// must be given to the second.
func (p *tab) rowIs(name string, cells map[string]string) {
	p.t.Helper()
	row := p.row(name)
	for label, text := range cells {
		found := false
		for n := range row.Descendants() {
			if n.Type == html.ElementNode && (n.Data == "td" || n.Data == "th") && attribute(n, "data-l") == label &&
				strings.Contains(textOf(n), text) {
				found = true
			}
		}
		if !found {
			p.t.Errorf("the row of %q has no %q in the column %q: %s", name, text, label, textOf(row))
		}
	}
	for _, label := range []string{"Created", "Revoked"} {
		if _, wanted := cells[label]; wanted && !p.page.has(`[data-l="`+label+`"] time[datetime$=Z][title$=UTC]`) {
			p.t.Errorf("the row of %q does not say exactly when it was %s", name, label)
		}
	}
}

// row returns the row of a name in the list.
func (p *tab) row(name string) *html.Node {
	p.t.Helper()
	for _, n := range p.page.find("tbody tr .name") {
		if rawText(n) != name {
			continue
		}
		for up := range n.Ancestors() {
			if up.Data == "tr" {
				return up
			}
		}
	}
	p.t.Fatalf("%s: no row is called %q\n%s", p.page.url, name, p.text())
	return nil
}

// signOut signs out by the menu.
func (p *tab) signOut() {
	p.t.Helper()
	p.click("Sign out")
	p.see("You are signed out.")
}

// fillSignIn signs in by the form.
func (p *tab) fillSignIn(email, password string) {
	p.t.Helper()
	p.fill("E-mail", email)
	p.fill("Password", password)
	p.click("Sign in")
}

// openTabSignedIn returns a tab of another browser of the owner at the list of
// keys.
func (s *testServer) openTabSignedIn(t *testing.T) *tab {
	t.Helper()
	return s.signIn(t, testOwner).openTab("/settings/api-keys")
}
