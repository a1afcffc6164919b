package workspace

import (
	"context"
	"time"

	"github.com/keylodge/keylodge/internal/secret"
)

// MemberReader reads users, members and invitations.
type MemberReader interface {
	// User returns the user that l names.
	User(ctx context.Context, l UserLookup) (User, error)
	Member(ctx context.Context, workspaceID, userID string) (Member, error)
	// Removal returns how a former member was removed, and [ErrNotFound] when
	// the user never was a member or is one again.
	Removal(ctx context.Context, workspaceID, userID string) (Removal, error)
	// Members returns the members that f lets through: the longest-standing
	// first when f names roles, else in the order of their ids.
	Members(ctx context.Context, f MemberFilter) ([]ListedMember, error)
	// Invitation returns the invitation that l names.
	Invitation(ctx context.Context, l InvitationLookup) (Invitation, error)
	// Invitations returns up to limit invitations to a workspace, the newest
	// first.
	Invitations(ctx context.Context, workspaceID string, limit int) ([]Invitation, error)
}

// MemberTx changes users, members and invitations in a write transaction.
type MemberTx interface {
	// HoldCredentials locks how a user signs in until the transaction ends. It
	// returns [ErrNotFound] when the user's credentials have another version.
	HoldCredentials(ctx context.Context, userID string, version int64) error
	// UpdateUser changes what u names of a user. It returns an [Error] of kind
	// Conflict when another user has the email.
	UpdateUser(ctx context.Context, userID string, u UserUpdate) error
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
	// InsertUser returns an [Error] of kind Conflict when the email has an
	// account.
	InsertUser(ctx context.Context, u User) error
	// InsertMember returns an [Error] of kind Conflict when the user is already
	// a member. A removed member can come back once their keys are revoked or
	// handed over; until then the error is of kind Unavailable.
	InsertMember(ctx context.Context, m Member) error
	// UpdateMember sets role and active, and a service account's name.
	UpdateMember(ctx context.Context, m Member) error
	// RemoveMember removes a member. Keys of theirs that are not revoked are
	// refused, or act as keys of the member whom they go to.
	RemoveMember(ctx context.Context, r Removal) error
	// EndRemoval records that a removed member has no keys left to revoke or
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

// UserUpdate is what changes of a user; zero fields stay as they are.
type UserUpdate struct {
	PasswordHash string
	Email        string    // folded
	ConfirmedAt  time.Time // when the email was proven to be the user's

	// RaiseCredentials raises the version of the user's credentials, for a
	// transaction that changes how the user signs in.
	RaiseCredentials bool
}

// MemberFilter narrows a list of members of a workspace. Zero fields let all
// through.
type MemberFilter struct {
	WorkspaceID string
	People      bool   // no service accounts
	Service     bool   // only service accounts
	Active      bool   // only active members
	Roles       []Role // only members with one of these
	Like        string // a text in lower case that the name or email contains
	After       string // only user ids after this one
	Limit       int
}
