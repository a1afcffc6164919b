package workspace

import (
	"context"
	"strconv"
	"time"
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
	if _, err := authorize(ctx, s.store, actor, PermitManageMembers); err != nil {
		return in, err
	}
	if in.Keys, err = s.store.UnrevokedKeys(ctx, actor.WorkspaceID, m.UserID, maxKeysInUse); err != nil {
		return in, err
	}
	counts, err := s.store.KeyCounts(ctx, KeyQuery{WorkspaceID: actor.WorkspaceID, OwnerID: m.UserID, Now: s.clock()})
	in.Total = counts[KeyActive] + counts[KeyExpired]
	return in, err
}

// Removal is a membership that ends.
type Removal struct {
	WorkspaceID string
	UserID      string
	KeysTo      string // the service account that the member's keys go to; empty: they are revoked
	At          time.Time
}

// RemoveMember ends a membership for good, and with it the member's sessions.
// Their keys are revoked, or go to the service account keysTo, unless that is
// empty. No verification that begins after RemoveMember returns accepts a key
// that is to be revoked, and one that is to be handed over can do what its new
// owner may. The keys' own records follow in a job, whose id is empty when
// there are no keys. Members who are invited again come back without keys.
func (s *Service) RemoveMember(ctx context.Context, actor Actor, userID, keysTo string) (m Member, j Job, err error) {
	err = s.actOnKeys(ctx, actor, PermitManageMembers, func(tx ChangeTx, a *act) error {
		j = Job{}
		if m, err = tx.Member(ctx, actor.WorkspaceID, userID); err != nil {
			return err
		}
		if err := s.mayRemove(ctx, tx, a.who, m, keysTo); err != nil {
			return err
		}
		counts, err := tx.KeyCounts(ctx, KeyQuery{WorkspaceID: m.WorkspaceID, OwnerID: m.UserID, Now: s.clock()})
		if err != nil {
			return err
		}
		keys := counts[KeyActive] + counts[KeyExpired]
		if keys > 0 {
			j = s.newJob(actor, JobSettleKeys)
			j.MemberID, j.Total = m.UserID, keys
			if err := tx.InsertJob(ctx, j, nil); err != nil {
				return err
			}
		}
		if err := tx.DeleteSessions(ctx, SessionFilter{WorkspaceID: m.WorkspaceID, UserID: m.UserID}); err != nil {
			return err
		}
		details := map[string]string{"role": string(m.Role), "keys": strconv.Itoa(keys)}
		if keysTo != "" {
			details["keys_to"] = keysTo
		}
		a.record(ActionMemberRemoved, m.UserID, details)
		return tx.RemoveMember(ctx, Removal{WorkspaceID: m.WorkspaceID, UserID: m.UserID, KeysTo: keysTo,
			At: s.clock()})
	})
	if err == nil && j.ID != "" {
		s.jobs.start()
	}
	return m, j, err
}

// mayRemove returns nil if the actor may remove a member whose keys go to
// keysTo.
func (s *Service) mayRemove(ctx context.Context, r Reader, who authority, m Member, keysTo string) error {
	if err := who.checkMayGive(m.Role); err != nil {
		return err
	}
	if leads(m) {
		if err := keepsAnOwner(ctx, r, m.WorkspaceID); err != nil {
			return err
		}
	}
	if keysTo == "" {
		return nil
	}
	if _, err := activeServiceAccount(ctx, r, m.WorkspaceID, keysTo, "new_owner"); err != nil {
		return err
	}
	if keysTo == m.UserID {
		return invalid{"new_owner": "Choose another service account than the one that is removed."}.err()
	}
	return nil
}

// settleStep revokes or hands over some keys of a removed member, each with an
// event of whoever removed them. Nobody gets new keys of a removed member, and
// the member can't come back before all are settled: see
// [ChangeTx.InsertMember].
func (s *Service) settleStep(ctx context.Context, tx ChangeTx, a *act, j Job) (Job, error) {
	removal, err := tx.Removal(ctx, j.WorkspaceID, j.MemberID)
	if KindOf(err) == NotFound { // and came back since, without any of these keys
		j.end(JobDone, s.clock())
		return j, nil
	}
	if err != nil {
		return j, err
	}
	ids, err := tx.UnrevokedKeyIDs(ctx, j.WorkspaceID, j.MemberID, maxStepKeys+1)
	if err != nil {
		return j, err
	}
	settled := 0
	for began := time.Now(); settled < min(len(ids), maxStepKeys) && time.Since(began) <= stepTime; settled++ {
		if err := s.settleKey(ctx, tx, a, ids[settled], removal.KeysTo); err != nil {
			return j, err
		}
	}
	j.Done, j.Changed, j.SeenAt = j.Done+settled, j.Changed+settled, s.clock()
	j.Total = max(j.Total, j.Done)
	if settled < len(ids) {
		return j, nil
	}
	j.end(JobDone, j.SeenAt)
	return j, tx.EndRemoval(ctx, j.WorkspaceID, j.MemberID)
}

// settleKey revokes a key of a removed member, or hands it over to ownerID.
func (s *Service) settleKey(ctx context.Context, tx ChangeTx, a *act, id, ownerID string) error {
	k, err := tx.Key(ctx, KeyLookup{WorkspaceID: a.who.WorkspaceID, ID: id})
	if err != nil {
		return err
	}
	details := keyDetails(k.Key)
	if ownerID == "" {
		details["reason"] = string(ReasonOwnerLeft)
		a.record(ActionKeyRevoked, k.ID, details)
		r := Revocation{By: a.who.UserID, Reason: ReasonOwnerLeft, At: s.clock()}
		return tx.UpdateKey(ctx, k.Key, k.revokedAs(r))
	}
	details["owner"], details["owner_before"] = ownerID, k.OwnerID
	a.record(ActionKeyHandedOver, k.ID, details)
	handedOver := k.Key
	handedOver.OwnerID = ownerID
	return tx.UpdateKey(ctx, k.Key, handedOver)
}
