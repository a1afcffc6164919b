package workspace

import (
	"context"
	"slices"
	"time"
)

// BulkAct is what somebody does to many keys at once, and how far it has got. It is done in many transactions, so that nobody has to wait
// for all of it: a part of it may be done when the rest can't be.
type BulkAct struct {
	ID          string
	WorkspaceID string
	UserID      string // who does it
	Act         Act
	Total       int
	Done        int // looked at, whether they were to be changed or not
	Changed     int
	Failed      int       // could not be changed: see BulkWish
	SeenAt      time.Time // when it last got further
	EndedAt     time.Time // zero: not yet
}

// Act is what can be done to many keys at once.
type Act string

// The acts.
const (
	ActRevoke  Act = "revoke"
	ActDisable Act = "disable"
	ActEnable  Act = "enable"
	ActExpire  Act = "expire"
)

// Acts lists them.
var Acts = []Act{ActRevoke, ActDisable, ActEnable, ActExpire}

// BulkWish is an act on keys. Those that are gone, not the actor's to change, or not within what the workspace lets keys be, stay as they are.
type BulkWish struct {
	Act     Act
	KeyIDs  []string
	Reason  Reason // for ActRevoke
	Expires string // for ActExpire, see ParseExpiry
}

// MaxBulk is how many keys can be changed at once.
const MaxBulk = 10_000

// bulkStep is how many keys one transaction changes: other writers wait for no more, some 70 ms, and one check learns of as many changes, in 2 ms. After
// it the act rests for three quarters of the time that it took: checks want the processor too.
const bulkStep = 200

// stalled is how long after it last got further an act is taken for dead: its process has ended.
const stalled = time.Minute

// Stalled says whether the act was left off.
func (b BulkAct) Stalled(now time.Time) bool {
	return b.EndedAt.IsZero() && now.Sub(b.SeenAt) > stalled
}

// SelectKeys returns the ids of the keys in one state that a filter lets through, up to MaxBulk and one more.
func (s *Service) SelectKeys(ctx context.Context, actor Actor, state KeyState, f KeyFilter) (ids []string, err error) {
	const page = 1000
	for from := (KeyCursor{}); len(ids) <= MaxBulk; {
		list, err := s.listKeys(ctx, actor, state, f.clean(), from, page)
		if err != nil {
			return nil, err
		}
		for _, k := range list.Page.Keys {
			ids = append(ids, k.ID)
		}
		if from = list.Page.Next; from.IsZero() {
			break
		}
	}
	return ids, nil
}

// StartBulk begins an act. run goes on with it, in a goroutine of the caller's, until it is done or ctx ends.
func (s *Service) StartBulk(ctx context.Context, actor Actor, wish BulkWish) (b BulkAct, run func(context.Context) error, err error) {
	wrong := invalid{}
	if !slices.Contains(Acts, wish.Act) {
		wrong.add("act", "Choose what to do.")
	}
	if len(wish.KeyIDs) == 0 || len(wish.KeyIDs) > MaxBulk {
		wrong.add("key", "Choose from 1 to 10,000 keys.")
	}
	if !validReason(wish.Reason) {
		wrong.add("reason", "Choose one of these.")
	}
	expires, message := ParseExpiry(wish.Expires, s.clock())
	if wish.Act == ActExpire {
		wrong.add("expires", message)
	}
	if err := wrong.err(); err != nil {
		return b, nil, err
	}
	if _, err := authorize(ctx, s.store, actor, RevokeOwnKeys); err != nil {
		return b, nil, err
	}
	if err := s.bulkProof(actor, wish.Act); err != nil {
		return b, nil, err
	}
	now := s.clock()
	b = BulkAct{ID: newID(bulkIDPrefix, now), WorkspaceID: actor.WorkspaceID, UserID: actor.UserID, Act: wish.Act, Total: len(wish.KeyIDs), SeenAt: now}
	run = func(ctx context.Context) error { return s.runBulk(ctx, actor, wish, expires, b) }
	return b, run, s.putBulk(ctx, b)
}

func (s *Service) putBulk(ctx context.Context, b BulkAct) error {
	return s.sweep(ctx, func(tx Tx) error { return tx.PutBulkAct(ctx, b) })
}

func (s *Service) runBulk(ctx context.Context, actor Actor, wish BulkWish, expires time.Time, b BulkAct) error {
	need, action, alter := s.bulkActs(ctx, actor, wish, expires)
	for ids := range slices.Chunk(wish.KeyIDs, bulkStep) {
		began := time.Now()
		var err error
		if b, err = s.changeEach(ctx, actor, need, action, ids, alter, b); err != nil {
			return err
		}
		select {
		case <-time.After(time.Since(began) * 3 / 4):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// alterOne does something to a key, and says whether that changed anything.
type alterOne func(tx ChangeTx, who authority, key Key, e *Event) (bool, error)

// bulkActs returns what an act wants and does.
func (s *Service) bulkActs(ctx context.Context, actor Actor, wish BulkWish, expires time.Time) (Permission, Action, alterOne) {
	switch wish.Act {
	case ActDisable:
		return RevokeOwnKeys, KeyDisabled, s.disable(ctx)
	case ActEnable:
		return RevokeOwnKeys, KeyEnabled, s.enable(ctx)
	case ActExpire:
		return AddKeys, KeyEdited, func(tx ChangeTx, who authority, key Key, e *Event) (bool, error) {
			after := key
			after.setExpiry(expires, s.clock())
			if !key.RevokedAt.IsZero() || after.Version() == key.Version() {
				return false, nil
			}
			if err := s.settleTerms(ctx, tx, who, key, &after); err != nil {
				return false, err
			}
			if err := s.withinPolicy(ctx, tx, who, key.Limits.Scopes, &after); err != nil {
				return false, err
			}
			e.Details = editDetails(key, after)
			return true, tx.UpdateKey(ctx, after)
		}
	}
	return RevokeOwnKeys, KeyRevoked, s.revoke(ctx, wish.Reason)
}

// bulkProof is FreshProof for acts that can bring back keys with full access.
func (s *Service) bulkProof(actor Actor, act Act) error {
	if act != ActEnable && act != ActExpire {
		return nil
	}
	return s.FreshProof(actor)
}

// leavesKey are the failures by which one key stays as it is and the others are
// changed.
var leavesKey = []Kind{NotFound, Invalid, Conflict, Forbidden, Unproven}

// changeEach is change for several keys, each with an event of its own, in one transaction, in which the act gets as much further. Keys that the
// actor may not change, or that can't be changed so, are counted as failed.
func (s *Service) changeEach(ctx context.Context, actor Actor, need Permission, action Action, ids []string, alter alterOne, before BulkAct) (b BulkAct, err error) {
	err = s.actOnKeys(ctx, actor, func(tx ChangeTx, r *recorder) error {
		b = before
		who, err := s.authorizeAct(ctx, tx, actor, need)
		if err != nil {
			return err
		}
		for _, id := range ids {
			did, err := s.changeOne(ctx, tx, who, r, action, id, alter)
			switch kind := KindOf(err); {
			case err == nil && did:
				b.Changed++
			case err == nil:
			case slices.Contains(leavesKey, kind):
				b.Failed++
			default:
				return err
			}
		}
		b.Done, b.SeenAt = b.Done+len(ids), s.clock()
		if b.Done == b.Total {
			b.EndedAt = b.SeenAt
		}
		if b.Changed == before.Changed {
			return ErrNothingChanged
		}
		return tx.PutBulkAct(ctx, b)
	})
	if err == nil && b.Changed == before.Changed {
		err = s.putBulk(ctx, b)
	}
	return b, err
}

func (s *Service) changeOne(ctx context.Context, tx ChangeTx, who authority, r *recorder, action Action, id string,
	alter alterOne) (bool, error) {
	key, err := tx.Key(ctx, who.WorkspaceID, id)
	if err != nil {
		return false, err
	}
	if !who.mayActOn(key.OwnerID, RevokeAllKeys) {
		return false, ErrNotFound
	}
	e := s.event(who.Actor, action)
	e.TargetID, e.Details = key.ID, keyDetails(key.Key)
	did, err := alter(tx, who, key.Key, &e)
	if err != nil || !did {
		return false, err
	}
	return true, r.record(ctx, e)
}

// BulkAct returns an act of the actor's.
func (s *Service) BulkAct(ctx context.Context, actor Actor, id string) (BulkAct, error) {
	b, err := s.store.BulkAct(ctx, actor.WorkspaceID, id)
	if err == nil && b.UserID != actor.UserID {
		return BulkAct{}, ErrNotFound
	}
	return b, err
}

// InUse counts those of some keys that were let through within the last day.
func (s *Service) InUse(ctx context.Context, actor Actor, ids []string) (int, error) {
	if _, err := authorize(ctx, s.store, actor, RevokeOwnKeys); err != nil {
		return 0, err
	}
	return s.store.UsedSince(ctx, actor.WorkspaceID, ids, s.clock().Add(-24*time.Hour))
}
