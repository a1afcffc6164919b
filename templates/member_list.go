package templates

import "github.com/keylodge/keylodge/internal/workspace"

// MemberListView is one page of the list of people, or of service accounts.
type MemberListView struct {
	Layout
	Members     []workspace.ListedMember
	Next        string // the id to go on after; may be empty
	Notice      string
	Invitations []workspace.Invitation // that are open, for who may invite
}
