package workspace

import (
	"context"
	"net/netip"
	"time"
)

// Use is when a key was last accepted, from which IP, and for what kind of
// program. The zero Use means never.
type Use struct {
	At    time.Time
	IP    netip.Addr
	Agent string // see useragent.Family
}

// KeyUse is the last use of a key.
type KeyUse struct {
	KeyID string
	Use
}

// HourCount is how many verifications of a key had one decision within one
// hour.
type HourCount struct {
	KeyID    string
	Hour     time.Time // its beginning, UTC
	Decision Decision
	Checks   int64
}

// UsageBatch is the usage that one node has counted since its last batch.
// Writing a batch with the same ID again does nothing, so a write whose outcome
// is unknown can be repeated.
type UsageBatch struct {
	ID      string
	At      time.Time
	Uses    []KeyUse    // one a key at most
	Counts  []HourCount // one a key, hour and decision at most
	Sources []KeySource // one a key, secret, IP, agent and decision at most
}

// usageMemory is how long counts are kept, and batchMemory how long the ids of
// batches are: far longer than a write is repeated.
const (
	usageMemory = 100 * 24 * time.Hour
	batchMemory = 24 * time.Hour
)

// NewBatchID returns an id for a [UsageBatch].
func NewBatchID(now time.Time) string { return newID(batchIDPrefix, now) }

// KeySource is an IP and a kind of program that recently used a key.
type KeySource struct {
	KeyID        string
	SecretNumber int // which secret of the key: 0 for the first
	Decision     Decision
	Checks       int64
	Use          // the last time
}

// SourcesKept is how many sources of a key are kept: the newest.
const SourcesKept = 20

// KeyActivity is the usage and the history of a key, as its page shows them.
type KeyActivity struct {
	Hours    []HourCount // of the last 90 days, in the order of hours
	Sources  []KeySource // the newest first
	Rotation *Rotation   // nil: none is running
	Old      []OldSecret // the newest first
	Trail    []ListedEvent
}

// KeyDetails is a key with everything that its page shows.
type KeyDetails struct {
	ListedKey
	Activity      KeyActivity
	MayReactivate bool // the actor may undo its revocation, or enable it
}

// KeyDetails returns a key that the actor may see, and reads each row once.
func (s *Service) KeyDetails(ctx context.Context, actor Actor, keyID string) (KeyDetails, error) {
	who, key, err := s.visibleKey(ctx, actor, keyID)
	if err != nil {
		return KeyDetails{}, err
	}
	d := KeyDetails{ListedKey: key}
	if d.Activity, err = s.keyActivity(ctx, key); err != nil {
		return KeyDetails{}, err
	}
	d.MayReactivate, err = s.offersReactivation(ctx, who, key.Key)
	return d, err
}

func (s *Service) keyActivity(ctx context.Context, key ListedKey) (a KeyActivity, err error) {
	if a.Hours, err = s.store.Usage(ctx, UsageFilter{KeyID: key.ID, From: s.clock().Add(-usageShown)}); err != nil {
		return a, err
	}
	events := EventQuery{WorkspaceID: key.WorkspaceID, TargetID: key.ID, Limit: EventsPerPage}
	if a.Trail, err = s.store.Events(ctx, events); err != nil {
		return a, err
	}
	if a.Sources, err = s.store.KeySources(ctx, key.ID); err != nil {
		return a, err
	}
	a.Old, err = s.store.OldSecrets(ctx, key.ID)
	a.Rotation = s.rotation(key, a.Old, a.Sources)
	return a, err
}

// Tries returns the sources that were refused since a moment because the key is
// revoked.
func (a KeyActivity) Tries(since time.Time) []KeySource {
	return a.sources(func(s KeySource) bool { return s.Decision == DecisionRevoked && !s.At.Before(since) })
}

// Users returns the sources that were accepted since a moment.
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

// Allowed counts the verifications that accepted the key since a moment, in
// whole hours.
func (a KeyActivity) Allowed(since time.Time) (n int) {
	for _, h := range a.Hours {
		if h.Decision == DecisionValid && h.Hour.After(since.Add(-time.Hour)) {
			n += int(h.Checks)
		}
	}
	return n
}

// usageShown is how far back the usage of a key's page goes.
const usageShown = 90 * 24 * time.Hour

// KeyUsage returns how often a key that the actor may see was verified, in the
// hours since from, oldest first.
func (s *Service) KeyUsage(ctx context.Context, actor Actor, keyID string, from time.Time) ([]HourCount, error) {
	if _, err := s.Key(ctx, actor, keyID); err != nil {
		return nil, err
	}
	return s.store.Usage(ctx, UsageFilter{KeyID: keyID, From: from})
}
