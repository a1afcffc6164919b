package templates

import (
	"net/url"
	"strconv"

	"github.com/keylodge/keylodge/internal/paths"
	"github.com/keylodge/keylodge/internal/workspace"
)

// membersURL is the list that a member is in.
func membersURL(m workspace.Member) string {
	if m.Service {
		return paths.ServiceAccounts
	}
	return paths.Members
}

// ownerChoices are members by their ids.
func ownerChoices(all []workspace.ListedMember) (choices [][2]string) {
	for _, m := range all {
		choices = append(choices, [2]string{m.UserID, m.DisplayName() + " (" + roleNames[m.Role] + ")"})
	}
	return choices
}

// owned says how many keys the member has.
func (v RemoveMemberView) owned() string {
	return plural(v.InUse.Total, "key") + " of " + v.Member.DisplayName()
}

// fates are what can become of the keys.
func (v RemoveMemberView) fates() [][2]string {
	revoke := [2]string{"revoke", "Revoke them"}
	if len(v.Heirs) == 0 {
		return [][2]string{revoke}
	}
	return [][2]string{revoke, {"hand-over", "Hand them over"}}
}

var roleNames = map[workspace.Role]string{
	workspace.Owner: "Owner", workspace.Admin: "Admin", workspace.Developer: "Developer", workspace.Auditor: "Auditor", workspace.Plain: "Member",
}

func roleColumns() []string {
	names := []string{"May"}
	for _, r := range workspace.Roles {
		names = append(names, roleNames[r])
	}
	return names
}

func roleChoices(roles []workspace.Role) (choices [][2]string) {
	for _, r := range roles {
		choices = append(choices, [2]string{string(r), roleNames[r]})
	}
	return choices
}

// newLinkURL is the form for another invitation to the same address.
func newLinkURL(i workspace.Invitation) string {
	return paths.Invite + "?" + url.Values{"email": {i.Email}, "role": {string(i.Role)}}.Encode()
}

func linkID(n int) string { return "link-" + strconv.Itoa(n) }

// article is a role as a sentence has it: "an admin".
func article(r workspace.Role) string {
	switch r {
	case workspace.Owner, workspace.Admin, workspace.Auditor:
		return "an " + string(r)
	}
	return "a " + string(r)
}

func activeChoice(m workspace.Member) string { return strconv.FormatBool(m.Active) }
