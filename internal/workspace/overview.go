package workspace

import (
	"context"
	"time"
)

// KeyHealth is what an admin may want to clean up: how many live keys there are
// of each sort, counted up to CountedUpTo and one more.
type KeyHealth struct {
	Unused     int // for 90 days, or ever since they were made that long ago
	Expiring   int // within 14 days
	Endless    int // without expiry
	FullAccess int
	WeakOwners int // people who own keys and sign in without a second factor
}

// CountedUpTo is how far the counts of KeyHealth go.
const CountedUpTo = 1000

// Overview is how the keys of a workspace are.
type Overview struct {
	Counts KeyCounts
	Health KeyHealth
	Hours  []HourCount // of the last 90 days, of all keys together, in the order of hours
}

const (
	unusedFor = 90 * 24 * time.Hour
	soon      = 14 * 24 * time.Hour
)

// Overview returns how the keys of the actor's workspace are, for who may see
// all of them.
func (s *Service) Overview(ctx context.Context, actor Actor) (o Overview, err error) {
	if _, err := authorize(ctx, s.store, actor, SeeAllKeys); err != nil {
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
