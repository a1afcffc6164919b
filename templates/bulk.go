package templates

import "github.com/keylodge/keylodge/workspace"

var bulkTitles = map[workspace.Act]string{
	workspace.ActRevoke: "Revoke", workspace.ActDisable: "Disable", workspace.ActEnable: "Enable", workspace.ActExpire: "Set the expiry of",
}

var bulkMeanings = map[workspace.Act]string{
	workspace.ActRevoke:  "Requests with them fail from the moment that each is revoked. Each can be brought back within 10 minutes, unless it is compromised.",
	workspace.ActDisable: "Requests with them fail until somebody enables them again.",
	workspace.ActEnable:  "Requests with those that are disabled work again.",
	workspace.ActExpire:  "Each gets the same end, in place of the one that it has.",
}

var bulkPast = map[workspace.Act]string{
	workspace.ActRevoke: "revoked", workspace.ActDisable: "disabled", workspace.ActEnable: "enabled", workspace.ActExpire: "changed",
}

// which says what "all" means.
func (v BulkView) which() string {
	if v.Filter.IsZero() {
		return "These are all " + string(v.State) + " keys that you may change."
	}
	return "These are all " + string(v.State) + " keys that match your search and filters."
}

func (v BulkActView) heading() string {
	switch {
	case !v.Act.EndedAt.IsZero():
		return "Done"
	case v.Act.Stalled(v.Now):
		return "Left off"
	}
	return "Working"
}

// told says how far it is: "512 of 10,000 keys looked at: 500 revoked, 12 stay as they are."
func (v BulkActView) told() string {
	text := thousands(v.Act.Done) + " of " + plural(v.Act.Total, "key") + " looked at: " + thousands(v.Act.Changed) + " " + bulkPast[v.Act.Act]
	if same := v.Act.Done - v.Act.Changed - v.Act.Failed; same > 0 {
		text += ", " + thousands(same) + " as wanted already"
	}
	if v.Act.Failed > 0 {
		text += ", " + thousands(v.Act.Failed) + " not changed, because they are gone, not yours to change so, or against the key policy"
	}
	if v.Act.Stalled(v.Now) {
		text += ". The server stopped meanwhile. Select what is left, and do it again"
	}
	return text + "."
}
