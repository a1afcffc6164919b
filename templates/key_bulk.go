package templates

import "github.com/keylodge/keylodge/internal/workspace"

// KeyBulkView asks to confirm a bulk action.
type KeyBulkView struct {
	Layout
	Action    workspace.BulkAction
	All       bool     // all keys of the list, on all pages
	Keys      []string // their ids
	InUse     int      // how many were used within a day
	State     workspace.KeyState
	Filter    workspace.KeyFilter
	Reason    string // as chosen
	Expires   string // as was chosen, see KeyForm
	ExpiresAt string // as typed
	Back      string // URL of the list
	Errors    workspace.Fields
}

var bulkTitles = map[workspace.BulkAction]string{
	workspace.BulkRevoke: "Revoke", workspace.BulkDisable: "Disable", workspace.BulkEnable: "Enable",
	workspace.BulkExpire: "Set the expiry of",
}

var bulkMeanings = map[workspace.BulkAction]string{
	workspace.BulkRevoke: "Requests with them fail from the moment that each is revoked. Each can be brought back " +
		"within 10 minutes, unless it is compromised.",
	workspace.BulkDisable: "Requests with them fail until they are enabled again.",
	workspace.BulkEnable:  "Requests with those that are disabled work again.",
	workspace.BulkExpire:  "Each gets the same end, in place of the one that it has.",
}

// which says which keys "all" means.
func (v KeyBulkView) which() string {
	if v.Filter.IsZero() {
		return "These are all " + string(v.State) + " keys that you may change."
	}
	return "These are all " + string(v.State) + " keys that match your search and filters."
}

func (v KeyBulkView) buttonClass() string {
	if v.Action == workspace.BulkRevoke {
		return "danger"
	}
	return "primary"
}
