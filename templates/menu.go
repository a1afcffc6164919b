package templates

import (
	"github.com/keylodge/keylodge/internal/paths"
	"github.com/keylodge/keylodge/internal/workspace"
)

// link is an entry of a menu.
type link struct{ url, icon, text string }

// settingsPages is the menu of the workspace's settings, with the permission
// that each page needs. SeeMembers is a permission of every member.
var settingsPages = []struct {
	link
	needs workspace.Permission
}{
	{link{paths.Overview, "chart", "Overview"}, workspace.SeeAllKeys},
	{link{paths.General, "gear", "General"}, workspace.SeeMembers},
	{link{paths.Keys, "key", "API keys"}, workspace.SeeMembers},
	{link{paths.Scopes, "scope", "Scopes"}, workspace.ManagePolicies},
	{link{paths.Members, "people", "Members"}, workspace.SeeMembers},
	{link{paths.ServiceAccounts, "robot", "Service accounts"}, workspace.SeeMembers},
	{link{paths.Providers, "lock", "Single sign-on"}, workspace.SeeMembers},
	{link{paths.AuditLog, "log", "Audit log"}, workspace.SeeAuditLog},
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
