package workspace

import (
	"context"
	"time"
)

// KeyHealth counts the active keys that an admin may want to clean up. It
// counts up to CountedUpTo and one more.
type KeyHealth struct {
	Unused     int // for 90 days, and added before that
	Expiring   int // within 14 days
	Endless    int // never expire
	FullAccess int
	WeakOwners int // owners of keys who sign in without a second factor
}

// CountedUpTo is how far the counts of KeyHealth go.
const CountedUpTo = 1000

// Overview summarizes the keys of a workspace.
type Overview struct {
	Counts KeyCounts
	Health KeyHealth
	Hours  []HourCount // of the last 90 days, of all keys together, in the order of hours
}

const (
	unusedFor = 90 * 24 * time.Hour
	soon      = 14 * 24 * time.Hour
)

// Overview returns the overview of the actor's workspace, for an actor who may
// see all keys.
func (s *Service) Overview(ctx context.Context, actor Actor) (o Overview, err error) {
	if _, err := authorize(ctx, s.store, actor, PermitSeeAllKeys); err != nil {
		return o, err
	}
	now := s.clock()
	if o.Counts, err = s.store.KeyCounts(ctx, KeyQuery{WorkspaceID: actor.WorkspaceID, Now: now}); err != nil {
		return o, err
	}
	if o.Health, err = s.store.KeyHealth(ctx, actor.WorkspaceID, now, now.Add(-unusedFor), now.Add(soon)); err != nil {
		return o, err
	}
	o.Hours, err = s.store.Usage(ctx, UsageFilter{WorkspaceID: actor.WorkspaceID, From: now.Add(-usageShown)})
	return o, err
}
