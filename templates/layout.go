package templates

import (
	"slices"

	"github.com/keylodge/keylodge/internal/workspace"
)

// settingsPages are the pages of the workspace's settings that the viewer may
// see.
func settingsPages(f Frame) []link {
	var pages []link
	if f.Viewer.Role.May(workspace.SeeAllKeys) {
		pages = append(pages, link{OverviewURL, "chart", "Overview"})
	}
	pages = append(pages,
		link{GeneralURL, "gear", "General"}, link{KeysURL, "key", "API keys"}, link{MembersURL, "people", "Members"}, link{ServiceAccountsURL, "robot", "Service accounts"},
		link{ProvidersURL, "lock", "Single sign-on"},
	)
	if f.Viewer.Role.May(workspace.ManagePolicies) {
		pages = slices.Insert(pages, slices.Index(pages, link{MembersURL, "people", "Members"}), link{ScopesURL, "scope", "Scopes"})
	}
	if f.Viewer.Role.May(workspace.SeeAuditLog) {
		pages = append(pages, link{AuditURL, "log", "Audit log"})
	}
	return pages
}
