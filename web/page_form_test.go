package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// pageForm is a form of a page with the values that a browser would send.
type pageForm struct {
	t      testing.TB
	method string
	action string
	values url.Values
	fields []string // names of all fields, also those that send nothing
}

// form returns the form whose button has a text or aria-label.
func (p *page) form(button string) *pageForm {
	p.t.Helper()
	return p.formWith(p.button(button))
}

// formWith returns the form that a button sends.
func (p *page) formWith(pressed *html.Node) *pageForm {
	p.t.Helper()
	form := p.formOf(pressed)
	if form == nil {
		p.t.Fatalf("%s: the button %q is in no form", p.url, textOf(pressed))
	}
	f := &pageForm{t: p.t, method: http.MethodGet, action: attribute(form, "action"), values: url.Values{}}
	if strings.EqualFold(attribute(form, "method"), "post") {
		f.method = http.MethodPost
	}
	for _, n := range p.find("input, select, textarea") {
		if p.formOf(n) == form {
			f.read(n)
		}
	}
	if name := attribute(pressed, "name"); name != "" {
		f.fields = append(f.fields, name)
		f.values.Add(name, attribute(pressed, "value"))
	}
	if to := attribute(pressed, "formaction"); to != "" {
		f.action = to
	}
	return f
}

// button returns the one button with a text or aria-label.
func (p *page) button(name string) *html.Node {
	p.t.Helper()
	var found []*html.Node
	for _, n := range p.find("button") {
		if textOf(n) == name || attribute(n, "aria-label") == name {
			found = append(found, n)
		}
	}
	if len(found) != 1 {
		p.t.Fatalf("%s: %d buttons %q among %q", p.url, len(found), name, p.texts("button"))
	}
	return found[0]
}

// hasButton reports whether the page has a button with a text or aria-label.
func (p *page) hasButton(name string) bool {
	p.t.Helper()
	return slices.ContainsFunc(p.find("button"), func(n *html.Node) bool {
		return textOf(n) == name || attribute(n, "aria-label") == name
	})
}

// formOf returns the form that a control belongs to, by its form attribute or
// its ancestors, or nil.
func (p *page) formOf(n *html.Node) *html.Node {
	if id := attribute(n, "form"); id != "" {
		return p.find1(`form[id="` + id + `"]`)
	}
	for up := range n.Ancestors() {
		if up.Type == html.ElementNode && up.Data == "form" {
			return up
		}
	}
	return nil
}

// read adds the values that a control sends (HTML, "constructing the entry
// list").
func (f *pageForm) read(n *html.Node) {
	name := attribute(n, "name")
	if name == "" || hasAttribute(n, "disabled") {
		return
	}
	f.fields = append(f.fields, name)
	switch kind := attribute(n, "type"); {
	case n.Data == "select":
		f.readOptions(n, name)
	case n.Data == "textarea":
		f.values.Add(name, strings.TrimPrefix(rawText(n), "\n"))
	case kind == "checkbox" || kind == "radio":
		if hasAttribute(n, "checked") {
			f.values.Add(name, checkedValue(n))
		}
	case kind != "submit" && kind != "button":
		f.values.Add(name, attribute(n, "value"))
	}
}

func checkedValue(n *html.Node) string {
	if hasAttribute(n, "value") {
		return attribute(n, "value")
	}
	return "on"
}

// readOptions adds the selected option of a select, or its first.
func (f *pageForm) readOptions(n *html.Node, name string) {
	first, selected := "", false
	for option := range n.Descendants() {
		if option.Type != html.ElementNode || option.Data != "option" {
			continue
		}
		value := attribute(option, "value")
		if !hasAttribute(option, "value") {
			value = textOf(option)
		}
		if hasAttribute(option, "selected") {
			f.values.Add(name, value)
			return
		}
		if !selected {
			first, selected = value, true
		}
	}
	if selected {
		f.values.Add(name, first)
	}
}

// set changes what a field sends. Without values it is an unchecked box.
func (f *pageForm) set(name string, values []string) {
	f.t.Helper()
	if !slices.Contains(f.fields, name) {
		f.t.Fatalf("the form has no field %q among %q", name, f.fields)
	}
	f.values[name] = values
}

func rawText(n *html.Node) string {
	var b strings.Builder
	for child := range n.Descendants() {
		if child.Type == html.TextNode {
			b.WriteString(child.Data)
		}
	}
	return b.String()
}
