package web

import (
	"net/url"
	"slices"

	"github.com/keylodge/keylodge/internal/paths"
	"github.com/keylodge/keylodge/internal/workspace"
	"github.com/keylodge/keylodge/templates"
)

// keyListPlace is the part of the list that a URL shows.
type keyListPlace struct {
	state  workspace.KeyState
	filter workspace.KeyFilter
	from   workspace.KeyCursor
}

// readKeyListPlace reads the place from a query. An unknown state means the
// active keys, and an invalid cursor the first page.
func readKeyListPlace(q url.Values) keyListPlace {
	p := keyListPlace{state: workspace.KeyState(q.Get("state"))}
	if !slices.Contains(workspace.KeyStates, p.state) {
		p.state = workspace.KeyActive
	}
	p.filter = workspace.KeyFilter{Text: q.Get("q"), Owner: q.Get("owner"), Access: q.Get("access"),
		Unused: q.Get("unused"), Expiring: q.Get("expiring"),
		Weak: q.Get("weak"), Sort: workspace.KeyOrder(q.Get("sort"))}
	forgetKeys(&p.filter.Text)
	if p.from = workspace.ParseKeyCursor(q.Get("after"), false); p.from.IsZero() {
		p.from = workspace.ParseKeyCursor(q.Get("before"), true)
	}
	return p
}

// url returns the URL of the place.
func (p keyListPlace) url() string {
	q := templates.FilterQuery(p.state, p.filter)
	switch {
	case p.from.Before:
		q.Set("before", p.from.String())
	case !p.from.IsZero():
		q.Set("after", p.from.String())
	}
	if len(q) == 0 {
		return paths.Keys
	}
	return paths.Keys + "?" + q.Encode()
}
