package templates

import (
	"strconv"

	"github.com/keylodge/keylodge/internal/paths"
	"github.com/keylodge/keylodge/internal/workspace"
)

// MemberChangeView is the form that changes a member.
type MemberChangeView struct {
	Layout
	Member workspace.Member
	Roles  []workspace.Role // roles that the viewer may give
	Errors workspace.Fields
}

// membersURL returns the list that a member is in.
func membersURL(m workspace.Member) string {
	if m.Service {
		return paths.ServiceAccounts
	}
	return paths.Members
}

// ownerChoices are members as options.
func ownerChoices(all []workspace.ListedMember) (choices []option) {
	for _, m := range all {
		choices = append(choices, option{m.UserID, m.DisplayName() + " (" + roleNames[m.Role] + ")"})
	}
	return choices
}

func activeChoice(m workspace.Member) string { return strconv.FormatBool(m.Active) }
