package workspace

import (
	"context"
	"errors"
	"slices"
	"time"
)

// BulkAction is what a bulk job does to its keys.
type BulkAction string

// The bulk actions.
const (
	BulkRevoke  BulkAction = "revoke"
	BulkDisable BulkAction = "disable"
	BulkEnable  BulkAction = "enable"
	BulkExpire  BulkAction = "expire"
)

// BulkActions lists the bulk actions.
var BulkActions = []BulkAction{BulkRevoke, BulkDisable, BulkEnable, BulkExpire}

// BulkRequest asks for a bulk action. Keys that do not exist, that the actor
// may not change, or that the key policy keeps as they are, stay as they are.
type BulkRequest struct {
	Action  BulkAction
	KeyIDs  []string
	Reason  Reason // for BulkRevoke
	Expires string // for BulkExpire, see ParseExpiry
}

const (
	// MaxBulk is how many keys one bulk job can change.
	MaxBulk = 10_000

	// MaxBulkJobs is how many bulk jobs of a workspace may wait or run.
	MaxBulkJobs = 20
)

// SelectKeys returns the ids of the keys in one state that match a filter, up
// to MaxBulk and one more.
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

// StartBulk queues a bulk job, which [Service.RunJobs] runs. The error is of
// kind Conflict when too many of the workspace's jobs wait.
func (s *Service) StartBulk(ctx context.Context, actor Actor, b BulkRequest) (Job, error) {
	wrong := invalid{}
	if !slices.Contains(BulkActions, b.Action) {
		wrong.add("act", "Choose what to do.")
	}
	if len(b.KeyIDs) == 0 || len(b.KeyIDs) > MaxBulk {
		wrong.add("key", "Choose from 1 to 10,000 keys.")
	}
	if !validReason(b.Reason) {
		wrong.add("reason", "Choose one of these.")
	}
	expires, message := ParseExpiry(b.Expires, s.clock())
	if b.Action == BulkExpire {
		wrong.add("expires", message)
	}
	if err := wrong.err(); err != nil {
		return Job{}, err
	}
	if _, err := authorize(ctx, s.store, actor, PermitRevokeOwnKeys); err != nil {
		return Job{}, err
	}
	if err := s.bulkProof(actor, b.Action); err != nil {
		return Job{}, err
	}
	j := s.newJob(actor, JobBulk)
	j.Bulk, j.Reason, j.Total = b.Action, b.Reason, len(b.KeyIDs)
	if b.Action == BulkExpire {
		j.ExpiresAt = expires
	}
	err := s.sweep(ctx, func(tx Tx) error {
		return tx.InsertJob(ctx, j, slices.Collect(slices.Chunk(b.KeyIDs, maxStepKeys)))
	})
	if err == nil {
		s.jobs.start()
	}
	return j, err
}

// bulkAction returns the permission that a bulk job needs, and what changes a
// key.
func (s *Service) bulkAction(ctx context.Context, j Job) (Permission, keyChange) {
	switch j.Bulk {
	case BulkDisable:
		return PermitRevokeOwnKeys, s.disable(ctx)
	case BulkEnable:
		return PermitRevokeOwnKeys, s.enable(ctx)
	case BulkExpire:
		return PermitAddKeys, s.expire(ctx, j.ExpiresAt)
	}
	return PermitRevokeOwnKeys, s.revoke(ctx, j.Reason)
}

// expire gives one key another end; the zero time is never.
func (s *Service) expire(ctx context.Context, at time.Time) keyChange {
	return func(tx ChangeTx, a *act, key Key) error {
		after := key
		after.setExpiry(at, s.clock())
		if !key.RevokedAt.IsZero() || after.Version() == key.Version() {
			return ErrNothingChanged
		}
		if err := s.authorizeEdit(ctx, tx, a.who, key, &after); err != nil {
			return err
		}
		if err := s.withinPolicy(ctx, tx, a.who, key.Limits.Scopes, &after); err != nil {
			return err
		}
		a.record(ActionKeyEdited, key.ID, editDetails(key, after))
		return tx.UpdateKey(ctx, key, after)
	}
}

// bulkProof is RequireFreshProof for bulk actions that can make keys with full
// access work again.
func (s *Service) bulkProof(actor Actor, action BulkAction) error {
	if action != BulkEnable && action != BulkExpire {
		return nil
	}
	return s.RequireFreshProof(actor)
}

// skipsKey are the failures that leave one key as it is and do not end the job.
var skipsKey = []Kind{NotFound, Invalid, Conflict, Forbidden, Unproven}

// bulkStep changes some keys of a bulk job, each with its own event, and
// returns the keys of the same piece that are left. Keys that the actor may not
// change, or that can't be changed in this way, are counted as failed.
func (s *Service) bulkStep(ctx context.Context, tx ChangeTx, a *act, j Job) (Job, JobKeys, error) {
	keys, err := tx.JobKeys(ctx, j.ID)
	if KindOf(err) == NotFound {
		j.end(JobDone, s.clock())
		return j, keys, nil
	}
	if err != nil {
		return j, keys, err
	}
	need, alter := s.bulkAction(ctx, j)
	a.who, err = authorize(ctx, tx, s.provenWhenStarted(j), need)
	if kind := KindOf(err); kind == Forbidden || kind == NotFound {
		return j, keys, errJobNotAllowed
	}
	if err != nil {
		return j, keys, err
	}
	for began := time.Now(); len(keys.IDs) > 0; keys.IDs = keys.IDs[1:] {
		err := a.alterKey(ctx, tx, keys.IDs[0], alter)
		switch {
		case err == nil:
			j.Changed++
		case errors.Is(err, ErrNothingChanged):
		case slices.Contains(skipsKey, KindOf(err)):
			j.Failed++
		default:
			return j, keys, err
		}
		j.Done++
		if time.Since(began) > stepTime {
			keys.IDs = keys.IDs[1:]
			break
		}
	}
	if j.SeenAt = s.clock(); j.Done >= j.Total {
		j.end(JobDone, j.SeenAt)
	}
	return j, keys, nil
}

// provenWhenStarted returns the actor who started a job, with a proof as old as
// it was then: a job that waited needs no new step-up.
func (s *Service) provenWhenStarted(j Job) Actor {
	actor := j.Actor
	if !actor.ProvenAt.IsZero() {
		actor.ProvenAt = actor.ProvenAt.Add(s.clock().Sub(j.CreatedAt))
	}
	return actor
}

// InUse counts the keys among ids that were accepted within the last day.
func (s *Service) InUse(ctx context.Context, actor Actor, ids []string) (int, error) {
	if _, err := authorize(ctx, s.store, actor, PermitRevokeOwnKeys); err != nil {
		return 0, err
	}
	return s.store.UsedSince(ctx, actor.WorkspaceID, ids, s.clock().Add(-24*time.Hour))
}
