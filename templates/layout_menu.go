package templates

import (
	"slices"

	"github.com/keylodge/keylodge/internal/paths"
	"github.com/keylodge/keylodge/internal/workspace"
)

// settingsPages are the pages of the workspace's settings that the viewer may
// see.
func settingsPages(l Layout) []link {
	var pages []link
	if l.Viewer.Role.May(workspace.SeeAllKeys) {
		pages = append(pages, link{paths.Overview, "chart", "Overview"})
	}
	pages = append(pages,
		link{paths.General, "gear", "General"}, link{paths.Keys, "key", "API keys"}, link{paths.Members, "people", "Members"}, link{paths.ServiceAccounts, "robot", "Service accounts"},
		link{paths.Providers, "lock", "Single sign-on"},
	)
	if l.Viewer.Role.May(workspace.ManagePolicies) {
		pages = slices.Insert(pages, slices.Index(pages, link{paths.Members, "people", "Members"}), link{paths.Scopes, "scope", "Scopes"})
	}
	if l.Viewer.Role.May(workspace.SeeAuditLog) {
		pages = append(pages, link{paths.AuditLog, "log", "Audit log"})
	}
	return pages
}
