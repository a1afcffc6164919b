package templates

import (
	"github.com/keylodge/keylodge/internal/paths"
	"github.com/keylodge/keylodge/internal/workspace"
)

// link is an entry of a menu.
type link struct{ url, icon, text string }

// settingsPages is the menu of the workspace's settings, with the permission
// that each page needs. PermitSeeMembers is a permission of every member.
var settingsPages = []struct {
	link
	needs workspace.Permission
}{
	{link{paths.Overview, "chart", "Overview"}, workspace.PermitSeeAllKeys},
	{link{paths.General, "gear", "General"}, workspace.PermitSeeMembers},
	{link{paths.Keys, "key", "API keys"}, workspace.PermitSeeMembers},
	{link{paths.Scopes, "scope", "Scopes"}, workspace.PermitManagePolicies},
	{link{paths.Members, "people", "Members"}, workspace.PermitSeeMembers},
	{link{paths.ServiceAccounts, "robot", "Service accounts"}, workspace.PermitSeeMembers},
	{link{paths.Providers, "lock", "Single sign-on"}, workspace.PermitSeeMembers},
	{link{paths.AuditLog, "log", "Audit log"}, workspace.PermitSeeAuditLog},
}

// accountMenu is the menu of the user's own settings.
var accountMenu = []link{
	{paths.Security, "lock", "Security"},
	{paths.Sessions, "screen", "Sessions"},
}

// settingsMenu returns the settings that a member may see.
func settingsMenu(viewer workspace.Member) (menu []link) {
	for _, page := range settingsPages {
		if viewer.Role.May(page.needs) {
			menu = append(menu, page.link)
		}
	}
	return menu
}
