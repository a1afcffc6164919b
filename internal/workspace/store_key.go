package workspace

import (
	"context"
	"time"

	"github.com/keylodge/keylodge/internal/secret"
)

// KeyReader reads keys and their secrets.
type KeyReader interface {
	// Key returns the key that l names.
	Key(ctx context.Context, l KeyLookup) (ListedKey, error)
	Keys(ctx context.Context, q KeyQuery) (KeyPage, error)
	// KeyCounts counts as Keys lists: by workspace, owner and now. Its cost
	// does not grow with the keys that are active or revoked.
	KeyCounts(ctx context.Context, q KeyQuery) (KeyCounts, error)
	// KeyHealth counts the live keys that may need cleaning up, up to one more
	// than CountedUpTo.
	KeyHealth(ctx context.Context, workspaceID string, now, unusedSince, expiresBefore time.Time) (KeyHealth, error)
	// UnrevokedKeyIDs returns the ids of up to limit of a member's keys that
	// are not revoked, the oldest first.
	UnrevokedKeyIDs(ctx context.Context, workspaceID, ownerID string, limit int) ([]string, error)
	// UnrevokedKeys returns up to limit of a member's keys that are not
	// revoked, the most recently used first.
	UnrevokedKeys(ctx context.Context, workspaceID, ownerID string, limit int) ([]ListedKey, error)
	// ExpiringKeys counts the live keys that expire before a time, up to one
	// more than CountedUpTo; an empty ownerID means all owners.
	ExpiringKeys(ctx context.Context, workspaceID, ownerID string, now, before time.Time) (int, error)
	// OldSecrets returns the secrets that a key had before, the newest first.
	OldSecrets(ctx context.Context, keyID string) ([]OldSecret, error)
	// RotationsBy returns the time of a user's nth rotation since a time,
	// counted back from the last one; zero when there were fewer.
	RotationsBy(ctx context.Context, userID string, since time.Time, nth int) (time.Time, error)
}

// KeyTx changes keys and their secrets in a write transaction.
type KeyTx interface {
	// ClaimWarnings returns up to limit live keys that expire after now and not
	// after until, and marks them as warned of days before they expire. No key
	// is returned twice for the same number of days, or for a larger one.
	ClaimWarnings(ctx context.Context, now, until time.Time, days, limit int) ([]ListedKey, error)
}

// KeyChangeTx changes keys and their secrets in a transaction that
// holds the change number.
type KeyChangeTx interface {
	// InsertKey returns an [Error] of kind Conflict when the user's nonce has
	// already added a key.
	InsertKey(ctx context.Context, k Key) error
	// UpdateKey stores k in place of was: everything but the id, the workspace
	// and how the key was added. A revoked key's revocation is all of it that
	// can change. It returns [ErrNothingChanged] when both are the same, and
	// [ErrKeyChanged], and changes nothing, when the stored key has another
	// owner, secret, revocation or disabling than was.
	UpdateKey(ctx context.Context, was, k Key) error
	// PutOldSecret stores a secret that a key had before, or when a stored one
	// ends. A key keeps its newest MaxOldSecrets old secrets.
	PutOldSecret(ctx context.Context, old OldSecret) error
}

// KeyLookup names one key: by its id, by a secret, or by the form that added
// it.
type KeyLookup struct {
	WorkspaceID  string
	ID           string
	AnyWorkspace bool          // ID is looked up in every workspace: for operators only
	Digest       secret.Digest // of its secret or an old one, in every workspace
	CreatedBy    string        // the user who sent the form with Nonce
	Nonce        string
}
