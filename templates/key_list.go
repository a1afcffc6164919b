package templates

import (
	"net/url"
	"slices"

	"github.com/keylodge/keylodge/internal/paths"
	"github.com/keylodge/keylodge/internal/workspace"
)

// KeyListView is one page of the list of API keys.
type KeyListView struct {
	Layout
	State     workspace.KeyState
	Filter    workspace.KeyFilter
	Counts    workspace.KeyCounts
	Page      workspace.KeyPage
	OnlyOwn   bool // the viewer sees their own keys only
	MayAdd    bool
	MayEnable bool   // one of the page's keys
	Notice    string // what has just happened; may be empty
	Receipt   string // the id of the key that was revoked; may be empty
	MayUndo   bool   // that revocation
	Expiring  int    // visible keys that end within 14 days
	Self      string // this page's own URL: where Cancel and a revocation lead back to
}

// NoKeysView shows a member whose role may have no keys whom to ask.
type NoKeysView struct {
	Layout
	Ask []workspace.Member
}

var (
	accessFilter = []option{{"", "Any access"}, {"full", "Full access"}, {"restricted", "Restricted"}}
	unusedFilter = []option{
		{"", "Used or not"}, {"30", "Unused for 30 days"}, {"90", "Unused for 90 days"}, {"ever", "Never used"},
	}
	expiringFilter = []option{
		{"", "Any expiry"}, {"14", "Expires within 14 days"}, {"30", "Expires within 30 days"},
		{"never", "Never expires"},
	}
)

// selectable reports whether the viewer may change any key on the page.
func (v KeyListView) selectable() bool {
	return v.State != workspace.KeyRevoked && slices.ContainsFunc(v.Page.Keys, v.revocable)
}

// askURL returns the URL that asks to confirm a revocation and then leads to
// back.
func askURL(id, back string) string { return paths.RevokeKey(id) + "?back=" + url.QueryEscape(back) }

var stateNames = map[workspace.KeyState]string{
	workspace.KeyActive: "Active", workspace.KeyExpired: "Expired", workspace.KeyRevoked: "Revoked",
}

// column is a column of the list.
type column struct {
	Name  string
	Order workspace.KeyOrder // empty: not sortable
}

func (v KeyListView) columns() []column {
	all := []column{
		{"Name", workspace.SortByName}, {"Owner", workspace.SortByOwner}, {"Created", workspace.SortByCreation},
		{"Last used", workspace.SortByUse},
	}
	switch v.State {
	case workspace.KeyExpired:
		return append(all, column{"Expired", workspace.SortByExpiry}, column{})
	case workspace.KeyRevoked:
		return append(all, column{"Revoked", ""}, column{"Revoked by", ""})
	}
	return append(all, column{"Expires", workspace.SortByExpiry}, column{})
}

// first reports whether the list has no keys at all.
func (v KeyListView) first() bool {
	return v.Counts[workspace.KeyActive]+v.Counts[workspace.KeyExpired]+v.Counts[workspace.KeyRevoked] == 0
}

// revocable reports whether the viewer may revoke a key.
func (v KeyListView) revocable(k workspace.ListedKey) bool {
	return k.RevokedAt.IsZero() && workspace.MayRevoke(v.Viewer, k.Key)
}
