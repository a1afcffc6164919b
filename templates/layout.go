package templates

import "github.com/keylodge/keylodge/workspace"

// settingsPages are the pages of the workspace's settings that the viewer may see.
func settingsPages(f Frame) []link {
	pages := []link{
		{GeneralURL, "gear", "General"}, {KeysURL, "key", "API keys"}, {MembersURL, "people", "Members"}, {ServiceAccountsURL, "robot", "Service accounts"},
		{ProvidersURL, "lock", "Single sign-on"},
	}
	if f.Viewer.Role.May(workspace.SeeAuditLog) {
		pages = append(pages, link{AuditURL, "log", "Audit log"})
	}
	return pages
}
