package workspace

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"
)

// restriction is an act that took something from a key: someone revoked,
// disabled or limited it.
type restriction struct {
	by     string // a user's id; byOperator
	role   Role   // that by has now; empty: the operator, or no longer a member
	reason Reason // why it was revoked; else ReasonNone
}

// byOperator stands for the operator where a user's id says who restricted a
// key.
const byOperator = string(ActorOperator)

// restrictionBy returns the restriction that a user made, or the operator when
// userID is empty.
func restrictionBy(ctx context.Context, r Reader, workspaceID, userID string, reason Reason) (restriction, error) {
	made := restriction{by: userID, reason: reason}
	if userID == "" || userID == byOperator {
		made.by = byOperator
		return made, nil
	}
	m, err := r.Member(ctx, workspaceID, userID)
	made.role = m.Role
	return made, whenNotFound(err, nil)
}

// disabling returns the restriction that disabled a key.
func (k Key) disabling(ctx context.Context, r Reader) (restriction, error) {
	return restrictionBy(ctx, r, k.WorkspaceID, k.DisabledBy, ReasonNone)
}

// revocation returns the restriction that revoked a key.
func (k Key) revocation(ctx context.Context, r Reader) (restriction, error) {
	return restrictionBy(ctx, r, k.WorkspaceID, k.RevokedBy, k.RevokedReason)
}

// deactivation returns the restriction to undo before the key works again.
func (k Key) deactivation(ctx context.Context, r Reader) (restriction, error) {
	if k.RevokedAt.IsZero() {
		return k.disabling(ctx, r)
	}
	return k.revocation(ctx, r)
}

// limiting returns the restriction that limited a key of another user.
func (k Key) limiting(ctx context.Context, r Reader) (restriction, error) {
	return restrictionBy(ctx, r, k.WorkspaceID, k.NarrowedBy, ReasonNone)
}

// restriction returns one that the actor makes now.
func (a authority) restriction(reason Reason) restriction {
	if a.Kind == ActorOperator {
		return restriction{by: byOperator, reason: reason}
	}
	return restriction{by: a.UserID, role: a.member.Role, reason: reason}
}

// mayUndo reports whether the actor may undo a restriction of a key that owner
// owns. The actor who made it may, and so may a holder of PermitRevokeAllKeys,
// but
//
//   - the key's owner may not when the operator or another owner of the
//     workspace made it, or when it was made because the owner left;
//   - only an owner of the workspace gives access back to an owner's key.
func (a authority) mayUndo(made restriction, owner Member) bool {
	own := a.Kind == ActorPerson && a.UserID == owner.UserID
	switch {
	case a.Kind == ActorOperator:
		return true
	case own && (made.by == byOperator || made.reason == ReasonOwnerLeft):
		return false
	case made.by == a.UserID:
		return true
	case own && made.role == RoleOwner:
		return false
	}
	return a.may(PermitRevokeAllKeys) && (own || a.checkMayGive(owner.Role) == nil)
}

// replaces reports whether a restriction of a key that owner owns must replace
// an earlier one: the owner could undo the earlier one, but not this. Otherwise
// users could revoke or disable their own keys first, to be the ones who may
// undo it.
func (made restriction) replaces(earlier restriction, owner Member) bool {
	who := authority{Actor: Actor{Kind: ActorPerson, UserID: owner.UserID}, member: owner}
	return who.mayUndo(earlier, owner) && !who.mayUndo(made, owner)
}

// mustReplace reports whether a restriction of a key replaces an earlier one of
// the same key. It is false for the key of a former member, which nobody can
// enable again.
func mustReplace(ctx context.Context, r Reader, key Key, made, earlier restriction) (bool, error) {
	owner, err := r.Member(ctx, key.WorkspaceID, key.OwnerID)
	if err != nil {
		return false, whenNotFound(err, nil)
	}
	return made.replaces(earlier, owner), nil
}

// currentOwner returns the member who owns a key. The error is of kind Conflict
// when they are no longer a member, or were removed and came back since the key
// was made: members who come back have no keys.
func currentOwner(ctx context.Context, r Reader, key Key) (Member, error) {
	owner, err := r.Member(ctx, key.WorkspaceID, key.OwnerID)
	if KindOf(err) == NotFound || err == nil && !owner.Service && key.CreatedAt.Before(owner.CreatedAt) {
		err = &Error{Kind: Conflict, Message: "The owner of this key was removed from the workspace. Add another " +
			"key in its place."}
	}
	return owner, err
}

// checkMayReactivate returns nil if the actor may undo the revocation of a key,
// or enable it: the key's owner is still a member, the actor may add keys and
// undo this restriction, and the key policy would let them add such a key.
func (s *Service) checkMayReactivate(ctx context.Context, r Reader, who authority, key Key) error {
	owner, err := currentOwner(ctx, r, key)
	if err != nil {
		return err
	}
	made, err := key.deactivation(ctx, r)
	if err != nil {
		return err
	}
	if !who.may(PermitAddKeys) || !who.mayUndo(made, owner) {
		return &Error{Kind: Forbidden, Message: "Someone else stopped this key. Ask them or another admin, or add " +
			"another key."}
	}
	return s.policyAllows(ctx, r, who, key)
}

// policyAllows returns nil if the key policy would let the actor add a key that
// was revoked or disabled, as it is.
func (s *Service) policyAllows(ctx context.Context, r Reader, who authority, key Key) error {
	if who.Kind == ActorOperator {
		return nil
	}
	w, err := r.Workspace(ctx, WorkspaceLookup{ID: key.WorkspaceID})
	if err != nil {
		return err
	}
	policy, owned := w.Keys, 0
	if key.RevokedAt.IsZero() {
		policy.MaxKeys = 0 // a disabled key is counted already
	} else if policy.MaxKeys > 0 {
		counts, err := r.KeyCounts(ctx, KeyQuery{WorkspaceID: key.WorkspaceID, OwnerID: key.OwnerID, Now: s.clock()})
		if err != nil {
			return err
		}
		owned = counts[KeyActive] + counts[KeyExpired]
	}
	asIs := key
	err = policy.check(&asIs, who, owned)
	if err == nil && key.Limits.Networks == nil && asIs.Limits.Networks != nil {
		err = invalid{"allow_from": "It works from anywhere, and keys here may not."}.err()
	}
	if e, ok := errors.AsType[*Error](err); ok && e.Kind == Invalid {
		why := strings.Join(slices.Sorted(maps.Values(e.Fields)), " ")
		return &Error{Kind: Conflict, Message: "The key policy does not allow this key. " + why}
	}
	return err
}

// MayReactivate reports whether the actor may undo the revocation of a key, or
// enable it, perhaps after a step-up. It is false for a key that is neither
// revoked nor disabled.
func (s *Service) MayReactivate(ctx context.Context, actor Actor, key Key) (bool, error) {
	who, err := authorize(ctx, s.store, actor, PermitRevokeOwnKeys)
	if KindOf(err) == Forbidden || KindOf(err) == NotFound {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return s.offersReactivation(ctx, who, key)
}

// offersReactivation is MayReactivate for an actor who has been authorized.
func (s *Service) offersReactivation(ctx context.Context, who authority, key Key) (bool, error) {
	revoked, disabled := !key.RevokedAt.IsZero(), !key.DisabledAt.IsZero()
	if !revoked && !disabled || revoked && !s.clock().Before(key.UndoableUntil()) {
		return false, nil
	}
	if !who.may(PermitRevokeOwnKeys) || !who.mayActOn(key.OwnerID, PermitRevokeAllKeys) {
		return false, nil
	}
	err := s.checkMayReactivate(ctx, s.store, who, key)
	switch KindOf(err) {
	case Forbidden, Conflict, NotFound:
		return false, nil
	}
	return err == nil, err
}

// undoFor is how long a revocation can be undone.
const undoFor = 10 * time.Minute

// UndoableUntil returns until when the revocation of a key can be undone, or
// the zero time when it can't: a key that may be in the wrong hands stays
// revoked.
func (k Key) UndoableUntil() time.Time {
	if k.RevokedAt.IsZero() || k.RevokedReason == ReasonCompromised || k.RevokedReason == ReasonHolder {
		return time.Time{}
	}
	return k.RevokedAt.Add(undoFor)
}

var errUndoOver = &Error{Kind: Conflict, Message: "This can no longer be undone. Add another key in its place."}

// RestoreKey undoes a revocation within ten minutes of it, for an actor who may
// and has recently proved who they are: see [authority.mayUndo]. The key policy
// must allow the key. Until RestoreKey returns the key is dead; then it is what
// it was before.
func (s *Service) RestoreKey(ctx context.Context, actor Actor, keyID string) error {
	_, err := s.alterKey(ctx, actor, keyID, func(tx ChangeTx, a *act, key Key) error {
		if key.RevokedAt.IsZero() {
			return ErrNothingChanged
		}
		if !s.clock().Before(key.UndoableUntil()) {
			return errUndoOver
		}
		if err := s.checkMayReactivate(ctx, tx, a.who, key); err != nil {
			return err
		}
		if err := s.RequireFreshProof(actor); err != nil {
			return err
		}
		details := keyDetails(key)
		details["revoked_at"] = key.RevokedAt.Format(time.RFC3339)
		a.record(ActionKeyRestored, key.ID, details)
		return tx.UpdateKey(ctx, key, key.revokedAs(Revocation{}))
	})
	return err
}
