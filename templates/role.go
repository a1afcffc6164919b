package templates

import "github.com/keylodge/keylodge/internal/workspace"

var roleNames = map[workspace.Role]string{
	workspace.RoleOwner:     "Owner",
	workspace.RoleAdmin:     "Admin",
	workspace.RoleDeveloper: "Developer",
	workspace.RoleAuditor:   "Auditor",
	workspace.RoleMember:    "Member",
}

func roleColumns() []string {
	names := []string{"May"}
	for _, r := range workspace.Roles {
		names = append(names, roleNames[r])
	}
	return names
}

func roleChoices(roles []workspace.Role) (choices []option) {
	for _, r := range roles {
		choices = append(choices, option{string(r), roleNames[r]})
	}
	return choices
}
