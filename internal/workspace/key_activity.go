package workspace

import (
	"context"
	"time"
)

// KeySource is from where, and by which sort of program, a key was used of
// late.
type KeySource struct {
	KeyID    string
	Secret   int // the number of the key's secret
	Decision Decision
	Checks   int64
	Use      // the last time
}

// SourcesKept is how many sources of a key are kept, the newest.
const SourcesKept = 20

// KeyActivity is what the page of a key shows of its use.
type KeyActivity struct {
	Hours    []HourCount // of the last 90 days, in the order of hours
	Sources  []KeySource // the newest first
	Rotation *Rotation   // nil: none is running
	Old      []OldSecret // the newest first
	Trail    []ListedEvent
}

// KeyActivity returns it for a key that the actor may see.
func (s *Service) KeyActivity(ctx context.Context, actor Actor, key ListedKey) (a KeyActivity, err error) {
	if a.Hours, err = s.KeyHistory(ctx, actor, key.ID); err != nil {
		return a, err
	}
	if a.Trail, err = s.KeyTrail(ctx, actor, key.ID); err != nil {
		return a, err
	}
	if a.Sources, err = s.store.KeySources(ctx, key.ID); err != nil {
		return a, err
	}
	a.Old, err = s.store.OldSecrets(ctx, key.ID)
	a.Rotation = s.rotation(key, a.Old, a.Sources)
	return a, err
}

// Tries returns who was refused, because the key is dead, since a moment.
func (a KeyActivity) Tries(since time.Time) []KeySource {
	return a.sources(func(s KeySource) bool { return s.Decision == DecisionRevoked && !s.At.Before(since) })
}

// Users returns who was let through since a moment.
func (a KeyActivity) Users(since time.Time) []KeySource {
	return a.sources(func(s KeySource) bool { return s.Decision == DecisionValid && !s.At.Before(since) })
}

func (a KeyActivity) sources(want func(KeySource) bool) (found []KeySource) {
	for _, s := range a.Sources {
		if want(s) {
			found = append(found, s)
		}
	}
	return found
}

// Allowed is how many checks let the key through in the hours from a moment on.
func (a KeyActivity) Allowed(since time.Time) (n int) {
	for _, h := range a.Hours {
		if h.Decision == DecisionValid && h.Hour.After(since.Add(-time.Hour)) {
			n += int(h.Checks)
		}
	}
	return n
}
