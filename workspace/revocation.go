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

// RevokeHeldKey is RevokeKey for whoever holds the key itself, which proves that they may: who finds a key can end it. The actor's
// workspace is the key's.
func (s *Service) RevokeHeldKey(ctx context.Context, actor Actor, keyID string) error {
	actor.Kind, actor.UserID = ByKey, keyID
	return s.actOnKeys(ctx, actor, func(tx ChangeTx, r *recorder) error {
		key, err := tx.Key(ctx, actor.WorkspaceID, keyID)
		if err != nil {
			return err
		}
		if err := changedOr(tx.RevokeKey(ctx, actor.WorkspaceID, keyID, Revocation{Reason: ByHolder, At: s.clock()})); err != nil {
			return err
		}
		e := s.event(actor, KeyRevoked)
		e.TargetID, e.Details = keyID, keyDetails(key.Key)
		e.Details["reason"] = string(ByHolder)
		return r.record(ctx, e)
	})
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
