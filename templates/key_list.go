package templates

import (
	"net/url"
	"slices"
	"strings"

	"github.com/keylodge/keylodge/internal/paths"
	"github.com/keylodge/keylodge/internal/workspace"
)

// FilterQuery is the part of the list's address that says which keys it shows.
func FilterQuery(state workspace.KeyState, f workspace.KeyFilter) url.Values {
	q := url.Values{}
	for name, value := range map[string]string{"q": f.Text, "owner": f.Owner, "access": f.Access, "unused": f.Unused, "expiring": f.Expiring, "weak": f.Weak, "sort": string(f.Sort)} {
		if value != "" {
			q.Set(name, value)
		}
	}
	if state != workspace.Active {
		q.Set("state", string(state))
	}
	return q
}

// listURL is the list in one state, with the same filter.
func (v KeysView) listURL(state workspace.KeyState) string {
	if q := FilterQuery(state, v.Filter).Encode(); q != "" {
		return paths.Keys + "?" + q
	}
	return paths.Keys
}

// pageURL is the page of the list that begins or ends at a cursor.
func (v KeysView) pageURL(side string, at workspace.KeyCursor) string {
	q := FilterQuery(v.State, v.Filter)
	q.Set("state", string(v.State))
	q.Set(side, at.String())
	return paths.Keys + "?" + q.Encode()
}

var (
	accessFilter   = [][2]string{{"", "Any access"}, {"full", "Full access"}, {"restricted", "Restricted"}}
	unusedFilter   = [][2]string{{"", "Used or not"}, {"30", "Unused for 30 days"}, {"90", "Unused for 90 days"}, {"ever", "Never used"}}
	expiringFilter = [][2]string{{"", "Any expiry"}, {"14", "Expires within 14 days"}, {"30", "Expires within 30 days"}, {"never", "Never expires"}}
)

// sortURL is the list sorted by a column, or the other way round when it is so
// already.
func (v KeysView) sortURL(order workspace.KeyOrder) string {
	f := v.Filter
	if f.Sort == order {
		order = "-" + order
	}
	f.Sort = order
	return paths.Keys + "?" + FilterQuery(v.State, f).Encode()
}

// sorted is what aria-sort says of a column. Creation is the newest first, and
// the others the first first.
func (v KeysView) sorted(order workspace.KeyOrder) string {
	plain, reversed := v.Filter.Sort.Reversed()
	switch {
	case plain != order || order == "":
		return ""
	case reversed != (order == workspace.ByCreation):
		return "descending"
	}
	return "ascending"
}

var orderChoices = [][2]string{
	{"", "Usual order"}, {"name", "By name"}, {"owner", "By owner"}, {"created", "Newest first"}, {"-created", "Oldest first"}, {"used", "Longest unused first"},
	{"-used", "Used last first"}, {"expires", "Expiring first"}, {"-expires", "Expiring last"},
}

// exportURL is the list, all its pages, as a file.
func (v KeysView) exportURL(kind string) string {
	url := paths.Keys + "." + kind
	if q := FilterQuery(v.State, v.Filter).Encode(); q != "" {
		url += "?" + q
	}
	return url
}

// selectable says whether the viewer may change any of the keys that are shown.
func (v KeysView) selectable() bool {
	return v.State != workspace.Revoked && slices.ContainsFunc(v.Page.Keys, v.revocable)
}

// askURL is the question before a key is revoked; back is where its answer
// leads.
func askURL(id, back string) string { return paths.RevokeKey(id) + "?back=" + url.QueryEscape(back) }

var stateNames = map[workspace.KeyState]string{
	workspace.Active: "Active", workspace.Expired: "Expired", workspace.Revoked: "Revoked",
}

// column is the head of one column of the list.
type column struct {
	Name  string
	Order workspace.KeyOrder // by which it can be sorted; empty: it can't
}

func (v KeysView) columns() []column {
	all := []column{{"Name", workspace.ByName}, {"Owner", workspace.ByOwner}, {"Created", workspace.ByCreation}, {"Last used", workspace.ByUse}}
	switch v.State {
	case workspace.Expired:
		return append(all, column{"Expired", workspace.ByExpiry}, column{})
	case workspace.Revoked:
		return append(all, column{"Revoked", ""}, column{"Revoked by", ""})
	}
	return append(all, column{"Expires", workspace.ByExpiry}, column{})
}

// first says whether nobody has added a key yet, or none that the viewer may
// see.
func (v KeysView) first() bool {
	return v.Counts[workspace.Active]+v.Counts[workspace.Expired]+v.Counts[workspace.Revoked] == 0
}

// revocable says whether the viewer may still revoke a key.
func (v KeysView) revocable(k workspace.ListedKey) bool {
	return k.RevokedAt.IsZero() && workspace.MayRevoke(v.Viewer, k.Key)
}

// byline names who did something to a key; nobody was the operator, on the
// command line.
func byline(userID, name string) string {
	switch {
	case userID == "":
		return "Command line"
	case name == "":
		return "Somebody without a name"
	}
	return name
}

// revokedBy says who revoked a key, and why: "Dana Okafor: compromised".
func revokedBy(k workspace.ListedKey) string {
	switch {
	case k.RevokedReason == workspace.ByHolder:
		return "Whoever held it"
	case k.Leaked():
		return "A leak report"
	}
	for _, r := range workspace.Reasons {
		if r[0] == string(k.RevokedReason) {
			return byline(k.RevokedBy, k.RevokedByName) + ": " + strings.ToLower(r[1])
		}
	}
	return byline(k.RevokedBy, k.RevokedByName)
}

// ownerStanding says what is to know of a key's owner beside the name.
func ownerStanding(k workspace.ListedKey) string {
	switch {
	case k.OwnerRemoved:
		return "removed"
	case k.OwnerActive && k.OwnerService:
		return "service account"
	case k.OwnerActive:
		return ""
	}
	return "deactivated: refused"
}

// from tells the address that a key was last used from, and the program, as far
// as they are known.
func from(use workspace.Use) (text string) {
	if use.Address.IsValid() {
		text = " from " + use.Address.String()
	}
	if use.Agent != "" {
		text += " by " + use.Agent
	}
	return text
}
