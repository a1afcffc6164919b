package templates

import (
	"net/url"
	"strconv"

	"github.com/keylodge/keylodge/workspace"
)

func memberURL(id string) string { return MembersURL + "/" + url.PathEscape(id) }

var roleNames = map[workspace.Role]string{
	workspace.Owner: "Owner", workspace.Admin: "Admin", workspace.Developer: "Developer", workspace.Auditor: "Auditor", workspace.Plain: "Member",
}

func roleChoices(roles []workspace.Role) (choices [][2]string) {
	for _, r := range roles {
		choices = append(choices, [2]string{string(r), roleNames[r]})
	}
	return choices
}

func activeChoice(m workspace.Member) string { return strconv.FormatBool(m.Active) }
