package templates

import "github.com/keylodge/keylodge/internal/workspace"

// KeyBulkView is the question before a bulk action.
type KeyBulkView struct {
	Layout
	Action    workspace.BulkAction
	All       bool     // all that the list shows, on all its pages
	Keys      []string // their ids
	InUse     int      // of them
	State     workspace.KeyState
	Filter    workspace.KeyFilter
	Reason    string // as was chosen
	Expires   string // as was chosen, see KeyForm
	ExpiresAt string // as it was typed
	Back      string // the list as it was
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

// which says what "all" means.
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
