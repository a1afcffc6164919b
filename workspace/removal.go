package workspace

import (
	"context"
	"math"
	"strconv"
)

// KeysInUse is what to know of a member's keys before the member is removed.
type KeysInUse struct {
	Total int         // that are not revoked
	Keys  []ListedKey // some of them, those that were used last first
}

// maxKeysInUse is how many are named.
const maxKeysInUse = 20

// KeysInUse returns the keys of a member whom the actor may remove.
func (s *Service) KeysInUse(ctx context.Context, actor Actor, m Member) (in KeysInUse, err error) {
	if _, err := authorize(ctx, s.store, actor, ManageMembers); err != nil {
		return in, err
	}
	if in.Keys, err = s.store.UnrevokedKeys(ctx, actor.WorkspaceID, m.UserID, maxKeysInUse); err != nil {
		return in, err
	}
	counts, err := s.store.KeyCounts(ctx, KeyQuery{WorkspaceID: actor.WorkspaceID, OwnerID: m.UserID, Now: s.clock()})
	in.Total = counts[Active] + counts[Expired]
	return in, err
}

// RemoveMember ends a membership for good, and with it the member's sessions. Their keys are revoked, or handed to the service
// account heirID, unless that is empty: no check that begins after it returns accepts a key that was revoked, and one that was
// handed over may do what its new owner may. It returns who was removed. Invited again, they come back without keys.
func (s *Service) RemoveMember(ctx context.Context, actor Actor, userID, heirID string) (m Member, err error) {
	err = s.actOnKeys(ctx, actor, func(tx ChangeTx, r *recorder) error {
		who, err := s.authorizeAct(ctx, tx, actor, ManageMembers)
		if err != nil {
			return err
		}
		if m, err = tx.Member(ctx, actor.WorkspaceID, userID); err != nil {
			return err
		}
		if err := who.mayMake(m.Role); err != nil {
			return err
		}
		if leads(m) {
			if err := keepsAnOwner(ctx, tx, m.WorkspaceID); err != nil {
				return err
			}
		}
		keys, err := s.settleKeys(ctx, tx, r, m, heirID)
		if err != nil {
			return err
		}
		if err := tx.DeleteMemberSessions(ctx, m.WorkspaceID, m.UserID); err != nil {
			return err
		}
		e := s.event(actor, MemberRemoved)
		e.TargetID, e.Details = m.UserID, map[string]string{"role": string(m.Role), "keys": strconv.Itoa(keys)}
		if heirID != "" {
			e.Details["keys_to"] = heirID
		}
		if err := tx.RemoveMember(ctx, m.WorkspaceID, m.UserID, s.clock()); err != nil {
			return err
		}
		return r.record(ctx, e)
	})
	return m, err
}

// settleKeys revokes or hands over each key of who is removed, and returns how many there were.
func (s *Service) settleKeys(ctx context.Context, tx ChangeTx, r *recorder, m Member, heirID string) (int, error) {
	if heirID != "" {
		if _, err := activeServiceAccount(ctx, tx, m.WorkspaceID, heirID, "heir"); err != nil {
			return 0, err
		}
		if heirID == m.UserID {
			return 0, invalid{"heir": "Choose another service account than the one that is removed."}.err()
		}
	}
	keys, err := tx.UnrevokedKeys(ctx, m.WorkspaceID, m.UserID, math.MaxInt32)
	if err != nil {
		return 0, err
	}
	for _, k := range keys {
		e := s.event(r.actor, KeyRevoked)
		e.TargetID, e.Details = k.ID, keyDetails(k.Key)
		if heirID == "" {
			_, err = tx.RevokeKey(ctx, m.WorkspaceID, k.ID, Revocation{r.actor.UserID, OwnerLeft, s.clock()})
		} else {
			e.Action, e.Details["owner"], e.Details["owner_before"] = KeyHandedOver, heirID, m.UserID
			err = tx.HandOverKey(ctx, m.WorkspaceID, k.ID, heirID)
		}
		if err != nil {
			return 0, err
		}
		if err := r.record(ctx, e); err != nil {
			return 0, err
		}
	}
	return len(keys), nil
}
