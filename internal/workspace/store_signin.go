package workspace

import (
	"context"
	"github.com/keylodge/keylodge/internal/secret"
	"time"
)

// SignInReader reads what users sign in with, and their sessions.
type SignInReader interface {
	// SessionMember returns a session of a workspace with its member. Both
	// limits are the caller's to check.
	SessionMember(ctx context.Context, workspaceID string, digest secret.Digest) (Session, Member, error)
	// Sessions returns a member's sessions, the one that was seen last first.
	// Both limits are the caller's to check.
	Sessions(ctx context.Context, workspaceID, userID string) ([]Session, error)
	OneTimeToken(ctx context.Context, purpose Purpose, digest secret.Digest) (OneTimeToken, error)
	// TOTP returns a person's second factor.
	TOTP(ctx context.Context, userID string) (TOTP, error)
	// RecoveryCodes counts those that a person has left.
	RecoveryCodes(ctx context.Context, userID string) (int, error)
	// Passkeys returns a person's passkeys, the oldest first.
	Passkeys(ctx context.Context, userID string) ([]Passkey, error)
	PasskeyByCredential(ctx context.Context, credential []byte) (Passkey, error)
	// Providers returns a workspace's identity providers, the oldest first.
	Providers(ctx context.Context, workspaceID string) ([]Provider, error)
	Identity(ctx context.Context, issuer, subject string) (Identity, error)
	Identities(ctx context.Context, userID string) ([]Identity, error)
	// Throttle returns a zero count for a subject that has none.
	Throttle(ctx context.Context, subject string) (Throttle, error)
	// KnownDevice says whether the person has signed in from the device before.
	KnownDevice(ctx context.Context, userID string, device secret.Digest) (bool, error)
}

// SignInTx changes what users sign in with, and their sessions in a write transaction.
type SignInTx interface {
	InsertSession(ctx context.Context, s Session) error
	TouchSession(ctx context.Context, digest secret.Digest, seen time.Time) error
	// SetSessionMethods sets how a session was begun, and how its person last
	// proved who they are. It returns [ErrNotFound] when the session has ended.
	SetSessionMethods(ctx context.Context, digest secret.Digest, method, proof Method) error
	DeleteSession(ctx context.Context, digest secret.Digest) error
	// DeleteSessionsOf ends every session of a person, in all workspaces.
	DeleteSessionsOf(ctx context.Context, userID string) error
	// DeleteOtherSessionsOf ends every session of a person but one.
	DeleteOtherSessionsOf(ctx context.Context, userID string, kept secret.Digest) error
	// DeleteMemberSessions ends every session of a member in one workspace.
	DeleteMemberSessions(ctx context.Context, workspaceID, userID string) error
	InsertOneTimeToken(ctx context.Context, t OneTimeToken) error
	// UseOneTimeToken deletes the token and returns it; of two callers at once
	// only one gets it.
	UseOneTimeToken(ctx context.Context, purpose Purpose, digest secret.Digest) (OneTimeToken, error)
	// DeleteOneTimeTokens removes every token of a purpose and, unless userID
	// is empty, of that person, with the messages in which another would be
	// sent.
	DeleteOneTimeTokens(ctx context.Context, purpose Purpose, userID string) error
	// DeleteTokensOf removes every token of a person, whatever its purpose.
	DeleteTokensOf(ctx context.Context, userID string) error
	// PutTOTP keeps a person's second factor in place of any other.
	PutTOTP(ctx context.Context, f TOTP) error
	DeleteTOTP(ctx context.Context, userID string) error
	// UseTOTPStep returns false when the code of that time step, or of a later
	// one, was used; of two callers at once only one gets true.
	UseTOTPStep(ctx context.Context, userID string, step int64) (bool, error)
	// PutRecoveryCodes keeps codes in place of all that a person had.
	PutRecoveryCodes(ctx context.Context, userID string, digests []secret.Digest) error
	// UseRecoveryCode deletes a code; of two callers at once only one gets
	// true.
	UseRecoveryCode(ctx context.Context, userID string, digest secret.Digest) (bool, error)
	// InsertPasskey returns an [Error] of kind Conflict when somebody has the
	// credential already.
	InsertPasskey(ctx context.Context, p Passkey) error
	// UsePasskey writes down that a passkey was used, and how it has changed by
	// that.
	UsePasskey(ctx context.Context, id, data string, at time.Time) error
	// DeletePasskey returns what it has deleted.
	DeletePasskey(ctx context.Context, userID, id string) (Passkey, error)
	// DeletePasskeys deletes all of a person's. It returns [ErrNotFound] when
	// there are none.
	DeletePasskeys(ctx context.Context, userID string) error
	PutProvider(ctx context.Context, p Provider) error
	DeleteProvider(ctx context.Context, workspaceID, id string) error
	// InsertIdentity returns an [Error] of kind Conflict when the identity is
	// somebody's already.
	InsertIdentity(ctx context.Context, i Identity) error
	UseIdentity(ctx context.Context, i Identity, at time.Time) error
	// DeleteIdentities deletes those that a person has at an issuer.
	DeleteIdentities(ctx context.Context, userID, issuer string) error
	// DeleteSignInMethods deletes all that a person signs in with but their
	// password: passkeys, the authenticator app, recovery codes, identities
	// and known devices.
	DeleteSignInMethods(ctx context.Context, userID string) error
	// CountFailure adds one failure to a subject and returns the new count.
	// Counts older than since start again.
	CountFailure(ctx context.Context, subject string, now, since time.Time) (Throttle, error)
	BlockUntil(ctx context.Context, subject string, until time.Time) error
	// ForgiveFailure takes one failure back and ends the block.
	ForgiveFailure(ctx context.Context, subject string) error
	DeleteThrottle(ctx context.Context, subject string) error
	InsertKnownDevice(ctx context.Context, userID string, device secret.Digest, now time.Time) error
}
