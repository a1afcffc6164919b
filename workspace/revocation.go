package workspace

import (
	"context"
	"slices"
	"time"
)

// Reason is why a key was revoked.
type Reason string

// The reasons.
const (
	NoReason    Reason = "" // nobody said
	NotNeeded   Reason = "not_needed"
	Compromised Reason = "compromised"
	OwnerLeft   Reason = "owner_left"
	OtherReason Reason = "other"
	ByHolder    Reason = "holder" // whoever held the key revoked it
)

// Reasons lists those that people choose from, and what they are called.
var Reasons = [][2]string{
	{string(NotNeeded), "No longer needed"}, {string(Compromised), "Compromised"}, {string(OwnerLeft), "Owner left"}, {string(OtherReason), "Other"},
}

// Revocation is how a key came to its end.
type Revocation struct {
	By     string // a user's id; empty: the operator, or whoever held the key
	Reason Reason
	At     time.Time
}

// RevokeKey kills a key: no check that begins after it returns accepts the key. It returns the key as it then
// is. Revoking a revoked key changes nothing and writes no event; the key says who came first, and why.
func (s *Service) RevokeKey(ctx context.Context, actor Actor, keyID string, reason Reason) (ListedKey, error) {
	if !validReason(reason) {
		return ListedKey{}, invalid{"reason": "Choose one of these."}.err()
	}
	return s.alterKey(ctx, actor, keyID, KeyRevoked, func(tx ChangeTx, e *Event) (bool, error) {
		if reason != NoReason {
			e.Details["reason"] = string(reason)
		}
		return tx.RevokeKey(ctx, actor.WorkspaceID, keyID, Revocation{actor.UserID, reason, s.clock()})
	})
}

func validReason(reason Reason) bool {
	return reason == NoReason || slices.ContainsFunc(Reasons, func(r [2]string) bool { return r[0] == string(reason) })
}

// RevokeHeldKey revokes the key that a secret is of, for good: whoever
// presents the secret proves that they may. The actor's workspace is the key's.
// A key that is revoked stays revoked, but that can no longer be undone. It
// returns [ErrNotFound], and changes nothing, when the workspace has no such
// key or the secret is retired, even by a rotation that commits a moment
// before.
func (s *Service) RevokeHeldKey(ctx context.Context, actor Actor, secret Secret) error {
	return s.actOnKeys(ctx, actor, func(tx ChangeTx, r *recorder) error {
		key, err := tx.KeyByDigest(ctx, secret.Digest())
		if err != nil {
			return err
		}
		if key.WorkspaceID != actor.WorkspaceID {
			return ErrNotFound
		}
		now := s.clock()
		ended, err := hasEnded(ctx, tx, key.Key, secret.Digest(), now)
		if err != nil {
			return err
		}
		if ended {
			return ErrNotFound
		}
		if err := changedOr(revokeForGood(ctx, tx, key.Key, Revocation{Reason: ByHolder, At: now})); err != nil {
			return err
		}
		actor.Kind, actor.UserID = ByKey, key.ID
		e := s.event(actor, KeyRevoked)
		e.TargetID, e.Details = key.ID, keyDetails(key.Key)
		e.Details["reason"] = string(ByHolder)
		return r.record(ctx, e)
	})
}

// revokeForGood revokes a key in a way that can't be undone, even when it was
// revoked a moment ago and that could still be undone. It returns whether
// anything changed.
func revokeForGood(ctx context.Context, tx ChangeTx, key Key, r Revocation) (bool, error) {
	if r.At.Before(key.UndoableUntil()) {
		if _, err := tx.RestoreKey(ctx, key.WorkspaceID, key.ID); err != nil {
			return false, err
		}
	}
	return tx.RevokeKey(ctx, key.WorkspaceID, key.ID, r)
}

// undoFor is how long a revocation can be taken back.
const undoFor = 10 * time.Minute

// UndoableUntil returns until when the revocation of a key can be taken back; the zero time: it can't. That of a key which is in the wrong
// hands never can.
func (k Key) UndoableUntil() time.Time {
	if k.RevokedAt.IsZero() || k.RevokedReason == Compromised || k.RevokedReason == ByHolder {
		return time.Time{}
	}
	return k.RevokedAt.Add(undoFor)
}

// RestoreKey takes back a revocation within ten minutes of it, for who may revoke the key, and add keys, and has lately proved who they are.
// Until it returns the key is dead; then it is what it was before.
func (s *Service) RestoreKey(ctx context.Context, actor Actor, keyID string) error {
	_, err := s.alterKey(ctx, actor, keyID, KeyRestored, func(tx ChangeTx, e *Event) (bool, error) {
		key, err := tx.Key(ctx, actor.WorkspaceID, keyID)
		if err != nil || key.RevokedAt.IsZero() {
			return false, err
		}
		if _, err := authorize(ctx, tx, actor, AddKeys); err != nil {
			return false, err
		}
		if !s.clock().Before(key.UndoableUntil()) {
			return false, &Error{Kind: Conflict, Message: "This can’t be undone any more. Add another key in its place."}
		}
		if err := s.FreshProof(actor); err != nil {
			return false, err
		}
		e.Details["revoked_at"] = key.RevokedAt.Format(time.RFC3339)
		return tx.RestoreKey(ctx, actor.WorkspaceID, keyID)
	})
	return err
}
