package templates

import (
	"net/url"
	"strconv"

	"github.com/keylodge/keylodge/internal/paths"
	"github.com/keylodge/keylodge/internal/workspace"
)

// MemberInviteForm invites members. Emails holds email addresses as they were
// typed, separated by spaces, commas or lines.
type MemberInviteForm struct {
	Emails string
	Role   workspace.Role
	Errors workspace.Fields
}

// MemberInvitedView shows the links of new invitations, which no later response
// contains.
type MemberInvitedView struct {
	Layout
	Role    workspace.Role
	Invited []workspace.Invited
	Mailed  bool // the links were emailed too
	Link    func(token string) string
}

// InvitationForm accepts an invitation. Passwords are never sent back to the
// browser.
type InvitationForm struct {
	Token  string
	Email  string // of the user
	Role   workspace.Role
	Name   string
	Errors workspace.Fields
}

// newLinkURL returns the URL of the form that invites the same email address
// again.
func newLinkURL(i workspace.Invitation) string {
	return paths.Invite + "?" + url.Values{"email": {i.Email}, "role": {string(i.Role)}}.Encode()
}

func linkID(n int) string { return "link-" + strconv.Itoa(n) }

// article returns a role with its article: "an admin".
func article(r workspace.Role) string {
	switch r {
	case workspace.RoleOwner, workspace.RoleAdmin, workspace.RoleAuditor:
		return "an " + string(r)
	}
	return "a " + string(r)
}
