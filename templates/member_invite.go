package templates

import (
	"net/url"
	"strconv"

	"github.com/keylodge/keylodge/internal/paths"
	"github.com/keylodge/keylodge/internal/workspace"
)

// MemberInviteForm asks whom to invite: addresses as they were typed, several
// with spaces, commas or lines between them.
type MemberInviteForm struct {
	Emails string
	Role   workspace.Role
	Errors workspace.Fields
}

// MemberInvitedView shows the links of new invitations, once.
type MemberInvitedView struct {
	Layout
	Role    workspace.Role
	Invited []workspace.Invited
	Mailed  bool // the links are on their way too
	Link    func(token string) string
}

// InvitationForm is what who was invited is asked for. Passwords are never sent
// back to the browser.
type InvitationForm struct {
	Token  string
	Email  string // whose it is
	Role   workspace.Role
	Name   string
	Errors workspace.Fields
}

// newLinkURL is the form for another invitation to the same address.
func newLinkURL(i workspace.Invitation) string {
	return paths.Invite + "?" + url.Values{"email": {i.Email}, "role": {string(i.Role)}}.Encode()
}

func linkID(n int) string { return "link-" + strconv.Itoa(n) }

// article is a role as a sentence has it: "an admin".
func article(r workspace.Role) string {
	switch r {
	case workspace.RoleOwner, workspace.RoleAdmin, workspace.RoleAuditor:
		return "an " + string(r)
	}
	return "a " + string(r)
}
