package workspace

import (
	"time"

	"github.com/keylodge/keylodge/internal/secret"
)

// Stamp is compared, never read.
type Stamp [6]uint64

// FactSink takes facts as the store streams them. A fact replaces what was
// known of the same thing. The store promises that
//
//   - workspaces come first, then members, old secrets and keys;
//   - an old secret that is new or has changed comes with its key;
//   - no fact says that an old secret is gone: a key keeps its newest
//     MaxOldSecrets old secrets, and the sink drops older ones itself.
type FactSink interface {
	Workspace(WorkspaceFact)
	Member(MemberFact)
	OldSecret(OldSecretFact)
	Key(KeyFact)
}

// MemberFact is what the index knows of a member, or of one who was removed.
type MemberFact struct {
	WorkspaceID string
	UserID      string // who owns the keys
	ActsAs      string // as whom the keys act: UserID, or the member whom the keys of UserID go to
	Role        Role   // of ActsAs
	Active      bool   // of ActsAs
}

// WorkspaceFact is what the index knows of a workspace.
type WorkspaceFact struct {
	ID       string
	Slug     string
	OldSlug  string    // which leads here too
	OldUntil time.Time // and how long
	Disabled bool
}

// At reports whether the workspace has a slug, or had it until recently.
func (w *WorkspaceFact) At(slug string, now time.Time) bool {
	return w.Slug == slug || w.OldSlug == slug && now.Before(w.OldUntil)
}

// KeyFact is what the index knows of a key.
type KeyFact struct {
	ID           [IDBytes]byte
	Digest       secret.Digest
	WorkspaceID  string
	OwnerID      string
	Name         string
	Limits       Limits
	ExpiresAt    time.Time // zero: never
	Ended        bool      // whatever ExpiresAt says
	SecretNumber int       // of the secret that Digest is of; 0 for the first
	Disabled     bool
	Revoked      bool
}

// OldSecretFact is what the index knows of a secret that a key had before.
type OldSecretFact struct {
	KeyID        [IDBytes]byte
	Digest       secret.Digest
	SecretNumber int
	EndsAt       time.Time
	Ended        bool // whatever EndsAt says
}
