package workspace

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
)

// stop is an act that took something from a key: it was revoked, disabled or
// narrowed.
type stop struct {
	by        string // a user's id; byOperator
	role      Role   // that by has now; empty: the operator, or no longer a member
	ownerLeft bool
}

// byOperator stands for the operator where a user's id says who stopped a key.
const byOperator = string(ByOperator)

// stopBy returns an act of a user, or of the operator when userID is empty.
func stopBy(ctx context.Context, r Reader, workspaceID, userID string, reason Reason) (stop, error) {
	st := stop{by: userID, ownerLeft: reason == ReasonOwnerLeft}
	if userID == "" || userID == byOperator {
		st.by = byOperator
		return st, nil
	}
	m, err := r.Member(ctx, workspaceID, userID)
	st.role = m.Role
	return st, whenNotFound(err, nil)
}

// stop returns what the actor's own act is.
func (a authority) stop(reason Reason) stop {
	if a.Kind == ByOperator {
		return stop{by: byOperator, ownerLeft: reason == ReasonOwnerLeft}
	}
	return stop{by: a.UserID, role: a.member.Role, ownerLeft: reason == ReasonOwnerLeft}
}

// mayUndo says whether the actor may undo a stop of a key that owner owns:
// whoever did it may, and so may a holder of RevokeAllKeys. The key's owner may
// not when the operator or another owner of the workspace did it, or when it
// was for an owner who left; and an admin gives nothing to an owner's key.
func (a authority) mayUndo(st stop, owner Member) bool {
	own := a.Kind == ByPerson && a.UserID == owner.UserID
	switch {
	case a.Kind == ByOperator:
		return true
	case own && (st.by == byOperator || st.ownerLeft):
		return false
	case st.by == a.UserID:
		return true
	case own && st.role == Owner:
		return false
	}
	return a.may(RevokeAllKeys) && (own || a.mayMake(owner.Role) == nil)
}

// outweighs says whether a stop must take the place of an earlier one: the
// key's owner could undo that, but not this. So nobody stops their own key
// first to keep others from stopping it.
func (s stop) outweighs(earlier stop, owner Member) bool {
	who := authority{Actor: Actor{Kind: ByPerson, UserID: owner.UserID}, member: owner}
	return who.mayUndo(earlier, owner) && !who.mayUndo(s, owner)
}

// takesOver says whether the actor's stop of a key takes the place of one that
// a user has made, or the operator when by is empty.
func takesOver(ctx context.Context, r Reader, who authority, key Key, by string, earlierReason, reason Reason) (
	bool, error) {
	owner, err := r.Member(ctx, key.WorkspaceID, key.OwnerID)
	if err != nil {
		return false, whenNotFound(err, nil) // a former member's key is never restarted
	}
	earlier, err := stopBy(ctx, r, key.WorkspaceID, by, earlierReason)
	return who.stop(reason).outweighs(earlier, owner), err
}

// currentOwner returns the member who owns a key. The error is of kind Conflict
// when they are no longer a member, or were removed and came back since the key
// was made: who comes back comes without keys.
func currentOwner(ctx context.Context, r Reader, key Key) (Member, error) {
	owner, err := r.Member(ctx, key.WorkspaceID, key.OwnerID)
	if KindOf(err) == NotFound || err == nil && !owner.Service && key.CreatedAt.Before(owner.CreatedAt) {
		err = &Error{Kind: Conflict, Message: "The owner of this key was removed from the workspace. Add another " +
			"key in its place."}
	}
	return owner, err
}

// mayRestart returns nil if the actor may undo the stop of a key: the key's
// owner is still a member, the actor may add keys and undo this stop, and the
// key policy would let them add such a key.
func (s *Service) mayRestart(ctx context.Context, r Reader, who authority, key Key) error {
	owner, err := currentOwner(ctx, r, key)
	if err != nil {
		return err
	}
	by, reason := key.DisabledBy, ReasonNone
	if !key.RevokedAt.IsZero() {
		by, reason = key.RevokedBy, key.RevokedReason
	}
	st, err := stopBy(ctx, r, key.WorkspaceID, by, reason)
	if err != nil {
		return err
	}
	if !who.may(AddKeys) || !who.mayUndo(st, owner) {
		return &Error{Kind: Forbidden, Message: "Someone else stopped this key. Ask them or another admin, or add " +
			"another key."}
	}
	return s.policyAllows(ctx, r, who, key)
}

// policyAllows returns nil if the key policy would let the actor add a key that
// was stopped, as it is.
func (s *Service) policyAllows(ctx context.Context, r Reader, who authority, key Key) error {
	if who.Kind == ByOperator {
		return nil
	}
	w, err := r.Workspace(ctx, WorkspaceLookup{ID: key.WorkspaceID})
	if err != nil {
		return err
	}
	owned := -1 // a disabled key counts already
	if !key.RevokedAt.IsZero() && w.Keys.MaxKeys > 0 {
		counts, err := r.KeyCounts(ctx, KeyQuery{WorkspaceID: key.WorkspaceID, OwnerID: key.OwnerID, Now: s.clock()})
		if err != nil {
			return err
		}
		owned = counts[KeyActive] + counts[KeyExpired]
	}
	asIs := key
	err = w.Keys.check(&asIs, who, owned)
	if err == nil && key.Limits.Addresses == nil && asIs.Limits.Addresses != nil {
		err = invalid{"allow_from": "It works from anywhere, and keys here may not."}.err()
	}
	if e, ok := errors.AsType[*Error](err); ok && e.Kind == Invalid {
		why := strings.Join(slices.Sorted(maps.Values(e.Fields)), " ")
		return &Error{Kind: Conflict, Message: "The key policy does not allow this key. " + why}
	}
	return err
}

// MayRestart says whether the actor may undo the revocation of a key, or enable
// it, perhaps after a step-up. It is false for a key that is neither revoked
// nor disabled.
func (s *Service) MayRestart(ctx context.Context, actor Actor, key Key) (bool, error) {
	who, err := authorize(ctx, s.store, actor, RevokeOwnKeys)
	if KindOf(err) == Forbidden || KindOf(err) == NotFound {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return s.offersRestart(ctx, who, key)
}

func (s *Service) offersRestart(ctx context.Context, who authority, key Key) (bool, error) {
	revoked, disabled := !key.RevokedAt.IsZero(), !key.DisabledAt.IsZero()
	if !revoked && !disabled || revoked && !s.clock().Before(key.UndoableUntil()) {
		return false, nil
	}
	if !who.may(RevokeOwnKeys) || !who.mayActOn(key.OwnerID, RevokeAllKeys) {
		return false, nil
	}
	err := s.mayRestart(ctx, s.store, who, key)
	switch KindOf(err) {
	case Forbidden, Conflict, NotFound:
		return false, nil
	}
	return err == nil, err
}
