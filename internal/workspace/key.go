package workspace

import (
	"fmt"
	"strings"
	"time"

	"github.com/keylodge/keylodge/internal/ratelimit"
	"github.com/keylodge/keylodge/internal/secret"
)

// Key is an API key as it is stored: everything but the secret.
type Key struct {
	ID            string
	WorkspaceID   string
	OwnerID       string // a user's id; the key acts as this member
	Name          string // up to MaxName characters; may be empty
	Hint          string // see Secret.Hint
	Digest        secret.Digest
	SecretNumber  int    // how many secrets it had before: 0 for the first
	CreatedBy     string // a user's id; empty: the operator, from the command line
	CreatedAt     time.Time
	Limits        Limits
	ExpiresAt     time.Time // zero: never
	Ended         bool      // ExpiresAt had passed when it was set: no clock brings the key back
	Warned        int       // how many days before that people were last told of it; 0: not yet
	DisabledAt    time.Time // zero: not disabled
	DisabledBy    string    // a user's id; empty: the operator
	NarrowedBy    string    // who limited it and is not its owner: a user's id, "operator" or empty
	RevokedAt     time.Time // zero: not revoked
	RevokedBy     string    // a user's id; empty: the operator, or whoever held it
	RevokedReason Reason
	Nonce         string // of the form that made it, so that sending the form again makes no second key
}

// KeyOf returns a new key with the given secret, not yet in a workspace.
func KeyOf(s secret.Secret, now time.Time) Key {
	return Key{ID: newID(keyIDPrefix, now), Hint: s.Hint(), Digest: s.Digest(), CreatedAt: now}
}

// Title returns the name, or "Untitled key".
func (k Key) Title() string {
	if k.Name == "" {
		return "Untitled key"
	}
	return k.Name
}

// State returns what the key is at now.
func (k Key) State(now time.Time) KeyState {
	switch {
	case !k.RevokedAt.IsZero():
		return KeyRevoked
	case k.Ended || !k.ExpiresAt.IsZero() && !now.Before(k.ExpiresAt):
		return KeyExpired
	}
	return KeyActive
}

// KeyState is where a key is in its life. Its text is the list's ?state=
// parameter.
type KeyState string

// The states of a key. Expired and Revoked are for good.
const (
	KeyActive  KeyState = "active"
	KeyExpired KeyState = "expired"
	KeyRevoked KeyState = "revoked"
)

// KeyStates lists the states in the order of the page's tabs.
var KeyStates = []KeyState{KeyActive, KeyExpired, KeyRevoked}

// ListedKey is a key with what a list shows beside it.
type ListedKey struct {
	Key
	OwnerName      string // display names; empty for the operator
	OwnerSort      string // the owner's name as lists sort by it
	OwnerActive    bool
	OwnerService   bool // a service account
	OwnerRemoved   bool // no longer a member
	CreatedByName  string
	DisabledByName string
	RevokedByName  string
	LastUse        Use
}

func keyDetails(k Key) map[string]string {
	d := map[string]string{"name": k.Name, "hint": k.Hint, "owner": k.OwnerID}
	if !k.ExpiresAt.IsZero() {
		d["expires_at"] = k.ExpiresAt.Format(time.RFC3339)
	}
	if k.Limits.Scopes != nil {
		d["scopes"] = strings.Join(k.Limits.Scopes, " ")
	}
	if k.Limits.Networks != nil {
		d["allow_from"] = fmt.Sprint(k.Limits.Networks)
	}
	if k.Limits.Rate != (ratelimit.Rate{}) {
		d["rate_limit"] = k.Limits.Rate.String()
	}
	return d
}
