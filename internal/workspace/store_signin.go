package workspace

import (
	"context"
	"time"

	"github.com/keylodge/keylodge/internal/secret"
)

// SignInReader reads what users sign in with, and their sessions.
type SignInReader interface {
	// SessionMember returns a session of a workspace with its member. Both
	// limits are the caller's to check.
	SessionMember(ctx context.Context, workspaceID string, digest secret.Digest) (Session, Member, error)
	// Sessions returns a member's sessions, the most recently used first.
	// Both limits are the caller's to check.
	Sessions(ctx context.Context, workspaceID, userID string) ([]Session, error)
	OneTimeToken(ctx context.Context, purpose Purpose, digest secret.Digest) (OneTimeToken, error)
	// TOTP returns a user's authenticator app.
	TOTP(ctx context.Context, userID string) (TOTP, error)
	// Passkeys returns the passkeys that f names, the oldest first.
	Passkeys(ctx context.Context, f PasskeyFilter) ([]Passkey, error)
	// Providers returns a workspace's identity providers, the oldest first.
	Providers(ctx context.Context, workspaceID string) ([]Provider, error)
	// Identities returns the identities that f names.
	Identities(ctx context.Context, f IdentityFilter) ([]Identity, error)
	// KnownDevice reports whether the user has signed in from the device
	// before.
	KnownDevice(ctx context.Context, userID string, device secret.Digest) (bool, error)
}

// SignInTx changes what users sign in with, and their sessions in a write
// transaction.
type SignInTx interface {
	InsertSession(ctx context.Context, s Session) error
	// UpdateSession changes what u names of a session. It returns [ErrNotFound]
	// when the session has ended.
	UpdateSession(ctx context.Context, digest secret.Digest, u SessionUpdate) error
	// DeleteSessions ends the sessions that f lets through, none or many.
	DeleteSessions(ctx context.Context, f SessionFilter) error
	InsertOneTimeToken(ctx context.Context, t OneTimeToken) error
	// UseOneTimeToken deletes the token and returns it; of two callers at once
	// only one gets it.
	UseOneTimeToken(ctx context.Context, purpose Purpose, digest secret.Digest) (OneTimeToken, error)
	// DeleteOneTimeTokens deletes the tokens that f lets through, none or many,
	// with the messages in which a user would get another.
	DeleteOneTimeTokens(ctx context.Context, f OneTimeTokenFilter) error
	// PutTOTP stores a user's authenticator app in place of any other.
	PutTOTP(ctx context.Context, f TOTP) error
	// UseCode uses up a code. It returns false when the code was used before,
	// or that of a later step, or is not the user's; of two callers at once
	// only one gets true.
	UseCode(ctx context.Context, c CodeUse) (bool, error)
	// PutRecoveryCodes stores codes in place of all that a user had.
	PutRecoveryCodes(ctx context.Context, userID string, digests []secret.Digest) error
	// InsertPasskey returns an [Error] of kind Conflict when the credential
	// is already stored.
	InsertPasskey(ctx context.Context, p Passkey) error
	// UsePasskey records that a passkey was used, and its new data.
	UsePasskey(ctx context.Context, id, data string, at time.Time) error
	PutProvider(ctx context.Context, p Provider) error
	DeleteProvider(ctx context.Context, workspaceID, id string) error
	// InsertIdentity returns an [Error] of kind Conflict when the identity is
	// already linked to a user.
	InsertIdentity(ctx context.Context, i Identity) error
	UseIdentity(ctx context.Context, i Identity, at time.Time) error
	// DeleteSignInMethods deletes the methods that m names. It returns
	// [ErrNotFound] when the user has none of the method that m names.
	DeleteSignInMethods(ctx context.Context, m SignInMethodFilter) error
	// HoldThrottle returns the throttle of a subject, without failures when it
	// has none, and locks it until the transaction ends.
	HoldThrottle(ctx context.Context, subject string) (Throttle, error)
	// PutThrottle stores a throttle that was held, or deletes it when it has no
	// failures.
	PutThrottle(ctx context.Context, t Throttle) error
	// InsertKnownDevice keeps only the newest devices of the person.
	InsertKnownDevice(ctx context.Context, d KnownDevice, newest int) error
}

// CodeUse names a code that a user signs in with: that of a time step of their
// authenticator app, or a recovery code.
type CodeUse struct {
	UserID   string
	Step     int64         // zero for a recovery code
	Recovery secret.Digest // of a recovery code
}

// PasskeyFilter names passkeys by exactly one of its fields.
type PasskeyFilter struct {
	UserID     string
	Credential []byte // at most one passkey has it
}

// IdentityFilter names the identities of a user, or the one of a subject at an
// issuer.
type IdentityFilter struct {
	UserID          string
	Issuer, Subject string
}

// SessionFilter names sessions by its fields that are not zero, all of which
// must fit.
type SessionFilter struct {
	WorkspaceID string
	UserID      string
	Digest      secret.Digest
	Except      secret.Digest // of a session that is kept
}

// SessionUpdate is what changes of a session; zero fields stay as they are.
type SessionUpdate struct {
	SeenAt        time.Time // the session is never seen earlier than it was
	Method, Proof Method    // how it was begun, and how its user last proved who they are
}

// OneTimeTokenFilter names one-time tokens by its fields that are not zero, all
// of which must fit.
type OneTimeTokenFilter struct {
	Purpose Purpose
	UserID  string
}

// SignInMethodFilter names what a user signs in with, but for the password.
type SignInMethodFilter struct {
	UserID    string
	Method    Method // MethodCode names recovery codes too; empty: all methods, and known devices
	PasskeyID string // of MethodPasskey: only this one
	Issuer    string // of MethodProvider: only the identities there
}
