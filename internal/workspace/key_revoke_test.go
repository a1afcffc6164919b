package workspace_test

import (
	"sync"
	"testing"
	"time"

	"github.com/keylodge/keylodge/internal/secret"
	"github.com/keylodge/keylodge/internal/workspace"
)

// revokeHeld presents a secret to be revoked.
func (o *office) revokeHeld(keySecret secret.Secret) error {
	return o.RevokeHeldKey(o.Context(), workspace.Actor{Kind: workspace.ActorStranger, WorkspaceID: o.acme.ID},
		keySecret)
}

// rotated gives a key a new secret.
func (o *office) rotated(by workspace.Actor, keyID, overlap string) secret.Secret {
	o.Helper()
	_, keySecret, err := o.RotateKey(o.Context(), by, workspace.KeyRotation{KeyID: keyID, Overlap: overlap})
	if err != nil {
		o.Fatal(err)
	}
	return keySecret
}

// isRevoked reports whether a key is.
func (o *office) isRevoked(keyID string) bool {
	o.Helper()
	key, err := o.Key(o.Context(), o.dana, keyID)
	if err != nil {
		o.Fatal(err)
	}
	return !key.RevokedAt.IsZero()
}

func (o *office) addSecret(by workspace.Actor) (workspace.Key, secret.Secret) {
	o.Helper()
	key, keySecret, err := o.AddKey(o.Context(), by, workspace.NewKey{Nonce: secret.NewToken()})
	if err != nil {
		o.Fatal(err)
	}
	return key, keySecret
}

func TestARetiredSecretRevokesNothing(t *testing.T) {
	for _, tt := range []struct {
		name    string
		overlap string
		prepare func(o *office, key workspace.Key)
		revokes bool
	}{
		{"retired at once", "0", nil, false},
		{"in its overlap", "24h", nil, true},
		{"past its overlap", "1h", func(o *office, _ workspace.Key) { o.clock = o.clock.Add(time.Hour) }, false},
		{"retired before its overlap ended", "24h", func(o *office, key workspace.Key) {
			if err := o.SetOverlap(o.Context(), o.dana, key.ID, "0"); err != nil {
				o.Fatal(err)
			}
		}, false},
		{"in its overlap, of a disabled key", "24h", func(o *office, key workspace.Key) {
			if _, err := o.DisableKey(o.Context(), o.dana, key.ID); err != nil {
				o.Fatal(err)
			}
		}, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o := newOffice(t)
			key, first := o.addSecret(o.dana)
			second := o.rotated(o.dana, key.ID, tt.overlap)
			if tt.prepare != nil {
				tt.prepare(o, key)
			}
			want, events := workspace.NotFound, 0
			if tt.revokes {
				want, events = workspace.Internal, 1 // no error
			}
			expectKind(t, "the old secret", o.revokeHeld(first), want)
			if o.isRevoked(key.ID) != tt.revokes || o.count(workspace.ActionKeyRevoked) != events {
				t.Errorf("revoked: %v, %d events", o.isRevoked(key.ID), o.count(workspace.ActionKeyRevoked))
			}
			expectKind(t, "the present secret", o.revokeHeld(second), workspace.Internal)
			if !o.isRevoked(key.ID) || o.count(workspace.ActionKeyRevoked) != 1 {
				t.Errorf("by the present secret: revoked: %v, %d events", o.isRevoked(key.ID),
					o.count(workspace.ActionKeyRevoked))
			}
		})
	}
	o := newOffice(t)
	expectKind(t, "a secret of no key", o.revokeHeld(secret.New("kl")), workspace.NotFound)
}

// TestRevokingWithASecretThatIsBeingRetired retires a secret while somebody
// revokes the key with it: one of the two comes first.
func TestRevokingWithASecretThatIsBeingRetired(t *testing.T) {
	o := newOffice(t)
	for range 20 {
		key, first := o.addSecret(o.dana)
		var both sync.WaitGroup
		var rotated, revoked error
		both.Go(func() {
			_, _, rotated = o.RotateKey(t.Context(), o.dana, workspace.KeyRotation{KeyID: key.ID, Overlap: "0"})
		})
		both.Go(func() { revoked = o.revokeHeld(first) })
		both.Wait()
		if (rotated == nil) == (revoked == nil) || o.isRevoked(key.ID) != (revoked == nil) {
			t.Errorf("rotating: %v; revoking: %v; revoked: %v", rotated, revoked, o.isRevoked(key.ID))
		}
	}
}

// TestAHeldKeyStaysRevoked has the owner revoke a key first, so as to undo it
// after whoever found the key was told that it is dead.
func TestAHeldKeyStaysRevoked(t *testing.T) {
	o := newOffice(t)
	key, secret := o.addSecret(o.dana)
	if _, err := o.RevokeKey(t.Context(), o.dana, key.ID, workspace.ReasonNone); err != nil {
		t.Fatal(err)
	}
	expectKind(t, "the finder's revocation", o.revokeHeld(secret), workspace.Internal)
	expectKind(t, "undoing", o.RestoreKey(t.Context(), o.dana, key.ID), workspace.Conflict)
	expectKind(t, "the finder's revocation again", o.revokeHeld(secret), workspace.Internal)
	if n := o.count(workspace.ActionKeyRevoked); n != 2 {
		t.Errorf("%d events", n)
	}
}
