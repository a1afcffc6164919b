package workspace

import (
	"context"
	"github.com/keylodge/keylodge/internal/secret"
	"time"
)

// MemberReader reads users, members and invitations.
type MemberReader interface {
	// User returns the user that l names.
	User(ctx context.Context, l UserLookup) (User, error)
	Member(ctx context.Context, workspaceID, userID string) (Member, error)
	// WasRemoved says whether somebody was a member and is no more.
	WasRemoved(ctx context.Context, workspaceID, userID string) (bool, error)
	// KeysGoTo returns the member whom the keys of a removed member go to, and
	// [ErrNotFound] when they are to be revoked.
	KeysGoTo(ctx context.Context, workspaceID, userID string) (Member, error)
	// Members returns up to limit people, or service accounts, by their ids,
	// which tell who came first: those after one, or the first ones.
	Members(ctx context.Context, workspaceID string, service bool, after string, limit int) ([]ListedMember, error)
	// MembersLike returns the ids of up to limit members whose name or address
	// has a text in lower case in it.
	MembersLike(ctx context.Context, workspaceID, text string, limit int) ([]string, error)
	// MembersByRole returns up to limit active people who have one of the
	// roles, the longest-standing first.
	MembersByRole(ctx context.Context, workspaceID string, roles []Role, limit int) ([]Member, error)
	// Invitation returns the invitation that l names.
	Invitation(ctx context.Context, l InvitationLookup) (Invitation, error)
	// Invitations returns up to limit invitations to a workspace, the newest
	// first.
	Invitations(ctx context.Context, workspaceID string, limit int) ([]Invitation, error)
}

// MemberTx changes users, members and invitations in a write transaction.
type MemberTx interface {
	// HoldCredentials lets nobody else change how a person signs in until the
	// transaction ends. It returns [ErrNotFound] when the version of their
	// credentials is another one.
	HoldCredentials(ctx context.Context, userID string, version int64) error
	// RaiseCredentials is HoldCredentials for a transaction that changes how a
	// person signs in: it raises the version and returns the new one.
	RaiseCredentials(ctx context.Context, userID string) (version int64, err error)
	SetPassword(ctx context.Context, userID, hash string) error
	// SetEmail returns an [Error] of kind Conflict when somebody else has the
	// address.
	SetEmail(ctx context.Context, userID, foldedEmail string) error
	// ConfirmUser writes down that a person's address was proven to be theirs.
	ConfirmUser(ctx context.Context, userID string, at time.Time) error
	// PutInvitation stores an invitation and returns the one to the same email
	// that it replaces, or the zero Invitation.
	PutInvitation(ctx context.Context, i Invitation) (replaced Invitation, err error)
	// DeleteInvitation returns what it has deleted; of two callers at once only
	// one gets it.
	DeleteInvitation(ctx context.Context, workspaceID, id string) (Invitation, error)
}

// MemberChangeTx changes users, members and invitations in a transaction that
// holds the change number.
type MemberChangeTx interface {
	// InsertUser returns an [Error] of kind Conflict when the address has an
	// account.
	InsertUser(ctx context.Context, u User) error
	// InsertMember returns an [Error] of kind Conflict when the person is a
	// member already. One who was removed comes back, once their keys are
	// settled; until then the error is of kind Unavailable.
	InsertMember(ctx context.Context, m Member) error
	// UpdateMember sets role and active, and a service account's name.
	UpdateMember(ctx context.Context, m Member) error
	// RemoveMember lets nobody find the member any more. Their keys that are
	// not revoked are refused, or act as keys of the member whom they go to.
	RemoveMember(ctx context.Context, r Removal) error
	// EndRemoval says that a removed member has no keys left to revoke or to
	// hand over.
	EndRemoval(ctx context.Context, workspaceID, userID string) error
}

// UserLookup names one user by exactly one of its fields.
type UserLookup struct {
	ID    string
	Email string // folded; never that of a service account
}

// InvitationLookup names one invitation to a workspace by exactly one of the
// other fields.
type InvitationLookup struct {
	WorkspaceID string
	ID          string
	Email       string        // folded
	Digest      secret.Digest // of the token in its link
}
