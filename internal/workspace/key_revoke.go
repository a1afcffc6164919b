package workspace

import (
	"context"
	"slices"
	"time"

	"github.com/keylodge/keylodge/internal/secret"
)

// Reason is why a key was revoked.
type Reason string

// The reasons.
const (
	ReasonNone        Reason = "" // none was given
	ReasonNotNeeded   Reason = "not_needed"
	ReasonCompromised Reason = "compromised"
	ReasonOwnerLeft   Reason = "owner_left"
	ReasonOther       Reason = "other"
	ReasonHolder      Reason = "holder" // revoked with the key's own secret
)

// Choice is a value that people choose on a form, and its name.
type Choice struct{ Value, Name string }

// Reasons lists the reasons that people choose from.
var Reasons = []Choice{
	{string(ReasonNotNeeded), "No longer needed"},
	{string(ReasonCompromised), "Compromised"},
	{string(ReasonOwnerLeft), "Owner left"},
	{string(ReasonOther), "Other"},
}

// Revocation is who revoked a key, why and when.
type Revocation struct {
	By     string // a user's id; empty: the operator, a holder of the secret, or a leak report
	Reason Reason
	At     time.Time
}

// RevokeKey revokes a key and returns it: no verification that begins after it
// returns accepts the key. A key that is revoked already stays as it is, and no
// event is recorded, unless its owner could still undo that revocation and may
// not undo this one.
func (s *Service) RevokeKey(ctx context.Context, actor Actor, keyID string, reason Reason) (ListedKey, error) {
	if !validReason(reason) {
		return ListedKey{}, invalid{"reason": "Choose one of these."}.err()
	}
	return s.alterKey(ctx, actor, keyID, s.revoke(ctx, reason))
}

// revoke revokes one key.
func (s *Service) revoke(ctx context.Context, reason Reason) keyChange {
	return func(tx ChangeTx, a *act, key Key) error {
		details := keyDetails(key)
		if reason != ReasonNone {
			details["reason"] = string(reason)
		}
		r := Revocation{By: a.who.UserID, Reason: reason, At: s.clock()}
		if r.At.Before(key.UndoableUntil()) {
			earlier, err := key.revocation(ctx, tx)
			if err != nil {
				return err
			}
			replace, err := mustReplace(ctx, tx, key, a.who.restriction(reason), earlier)
			if err := errUnlessChanged(replace || reason == ReasonCompromised, err); err != nil {
				return err
			}
		}
		a.record(ActionKeyRevoked, key.ID, details)
		return putRevocation(ctx, tx, key, r)
	}
}

func validReason(reason Reason) bool {
	return reason == ReasonNone ||
		slices.ContainsFunc(Reasons, func(c Choice) bool { return c.Value == string(reason) })
}

// RevokeHeldKey revokes the key with a secret, for good. The secret itself is
// the permission. The key must be in the actor's workspace.
// A key that is revoked stays revoked, but that can no longer be undone. It
// returns [ErrNotFound], and changes nothing, when the workspace has no such
// key or the secret is retired, even by a rotation that commits a moment
// before.
func (s *Service) RevokeHeldKey(ctx context.Context, actor Actor, presented secret.Secret) error {
	return s.actOnKeys(ctx, actor, noPermission, func(tx ChangeTx, a *act) error {
		key, err := tx.Key(ctx, KeyLookup{Digest: presented.Digest()})
		if err != nil {
			return err
		}
		if key.WorkspaceID != actor.WorkspaceID {
			return ErrNotFound
		}
		now := s.clock()
		ended, err := hasEnded(ctx, tx, key.Key, presented.Digest(), now)
		if err != nil {
			return err
		}
		if ended {
			return ErrNotFound
		}
		if err := putRevocation(ctx, tx, key.Key, Revocation{Reason: ReasonHolder, At: now}); err != nil {
			return err
		}
		actor.Kind, actor.UserID = ActorKey, key.ID
		a.as(actor)
		details := keyDetails(key.Key)
		details["reason"] = string(ReasonHolder)
		a.record(ActionKeyRevoked, key.ID, details)
		return nil
	})
}

// putRevocation revokes a key, replacing a revocation that can still be undone.
// It returns [ErrNothingChanged] when the key is revoked for good.
func putRevocation(ctx context.Context, tx ChangeTx, key Key, r Revocation) error {
	if !key.RevokedAt.IsZero() && !r.At.Before(key.UndoableUntil()) {
		return ErrNothingChanged
	}
	return tx.UpdateKey(ctx, key, key.revokedAs(r))
}

// revokedAs returns the key with a revocation; the zero Revocation is none.
func (k Key) revokedAs(r Revocation) Key {
	k.RevokedAt, k.RevokedBy, k.RevokedReason = r.At, r.By, r.Reason
	return k
}
