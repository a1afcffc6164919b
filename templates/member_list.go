package templates

import "github.com/keylodge/keylodge/internal/workspace"

// MemberListView is one page of the list of members or of service accounts.
type MemberListView struct {
	Layout
	Members     []workspace.ListedMember
	Next        string // the id after which the next page begins; may be empty
	Notice      string
	Invitations []workspace.Invitation // open ones, if the viewer may invite
}
