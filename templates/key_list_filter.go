package templates

import (
	"net/url"

	"github.com/keylodge/keylodge/internal/paths"
	"github.com/keylodge/keylodge/internal/workspace"
)

// FilterQuery returns the query of the list with a state and a filter.
func FilterQuery(state workspace.KeyState, f workspace.KeyFilter) url.Values {
	q := url.Values{}
	for name, value := range map[string]string{"q": f.Text, "owner": f.Owner, "access": f.Access, "unused": f.Unused,
		"expiring": f.Expiring, "weak": f.Weak, "sort": string(f.Sort)} {
		if value != "" {
			q.Set(name, value)
		}
	}
	if state != workspace.KeyActive {
		q.Set("state", string(state))
	}
	return q
}

// listURL returns the URL of the list in a state, with the same filter.
func (v KeyListView) listURL(state workspace.KeyState) string {
	if q := FilterQuery(state, v.Filter).Encode(); q != "" {
		return paths.Keys + "?" + q
	}
	return paths.Keys
}

// pageURL returns the URL of the page that begins or ends at a cursor.
func (v KeyListView) pageURL(side string, at workspace.KeyCursor) string {
	q := FilterQuery(v.State, v.Filter)
	q.Set("state", string(v.State))
	q.Set(side, at.String())
	return paths.Keys + "?" + q.Encode()
}

// sortURL returns the URL of the list sorted by a column, reversed if it is
// sorted so already.
func (v KeyListView) sortURL(order workspace.KeyOrder) string {
	f := v.Filter
	if f.Sort == order {
		order = "-" + order
	}
	f.Sort = order
	return paths.Keys + "?" + FilterQuery(v.State, f).Encode()
}

// sorted returns the aria-sort of a column. By creation, newest first is the
// usual order.
func (v KeyListView) sorted(order workspace.KeyOrder) string {
	plain, reversed := v.Filter.Sort.Reversed()
	switch {
	case plain != order || order == "":
		return ""
	case reversed != (order == workspace.SortByCreation):
		return "descending"
	}
	return "ascending"
}

var orderChoices = []option{
	{"", "Usual order"}, {"name", "By name"}, {"owner", "By owner"}, {"created", "Newest first"}, {"-created",
		"Oldest first"}, {"used", "Longest unused first"},
	{"-used", "Used last first"}, {"expires", "Expiring first"}, {"-expires", "Expiring last"},
}

// exportURL returns the URL of the whole list as a file.
func (v KeyListView) exportURL(kind string) string {
	url := paths.Keys + "." + kind
	if q := FilterQuery(v.State, v.Filter).Encode(); q != "" {
		url += "?" + q
	}
	return url
}
