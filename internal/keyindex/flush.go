package keyindex

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/keylodge/keylodge/internal/workspace"
)

// flushes is the usage that is on its way to the database.
type flushes struct {
	mu      sync.Mutex             // held during a flush
	pending []workspace.UsageBatch // taken from the stripes and not written yet

	takenMu sync.Mutex
	// taken is the last uses that the last flush took from the stripes. It is
	// kept until the next: a page may have read its rows before they were
	// written.
	taken map[string]workspace.Use
}

const (
	// batchKeys is how many keys' usage one transaction writes. A longer one
	// would make other writers wait.
	batchKeys = 128
	// restFactor is how long FlushEvery rests after a transaction, as a
	// multiple of the time that it took, so that verifications get the
	// processor.
	restFactor = 3
)

func (f *flushes) lastUse(id string) workspace.Use {
	f.takenMu.Lock()
	defer f.takenMu.Unlock()
	return f.taken[id]
}

// Flush writes the usage that the database does not have yet. What can't be
// written is kept for the next flush. A batch that was committed although its
// transaction reported an error is not counted twice.
func (x *Index) Flush(ctx context.Context) error {
	return x.flush(ctx, func(time.Duration) {})
}

// flush calls rest after each transaction, with the time that it took.
func (x *Index) flush(ctx context.Context, rest func(time.Duration)) error {
	f := &x.usage.flushes
	f.mu.Lock()
	defer f.mu.Unlock()
	for carried := true; carried; {
		if carried = len(f.pending) > 0; !carried {
			f.pending = x.usage.collect(time.Now())
		}
		for len(f.pending) > 0 {
			began := time.Now()
			if err := x.store.RecordUsage(ctx, f.pending[0]); err != nil {
				return err
			}
			f.pending = f.pending[1:]
			rest(time.Since(began))
		}
	}
	return nil
}

// collected is the usage of all stripes together.
type collected struct {
	uses    map[string]workspace.Use
	counts  map[workspace.HourCount]int64    // the keys have no Checks
	sources map[string][]workspace.KeySource // by key
}

// collect empties the stripes.
func (u *usage) collect(now time.Time) []workspace.UsageBatch {
	c := collected{map[string]workspace.Use{}, map[workspace.HourCount]int64{}, map[string][]workspace.KeySource{}}
	u.flushes.takenMu.Lock()
	defer u.flushes.takenMu.Unlock()
	for i := range u.stripes {
		c.add(u.stripes[i].swap())
	}
	u.flushes.taken = c.uses
	return c.batches(now)
}

// swap empties the stripe and returns what was in it.
func (s *stripe) swap() *stripe {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.tallies) == 0 { // nothing else is there either; keep the maps
		return new(stripe)
	}
	full := &stripe{places: s.places, tallies: s.tallies, past: s.past, agents: s.agents, sources: s.sources}
	fresh := newStripe()
	s.places, s.tallies, s.past, s.agents, s.sources = fresh.places, nil, nil, fresh.agents, fresh.sources
	return full
}

func (c *collected) add(s *stripe) {
	c.addSources(s)
	for _, t := range slices.Concat(s.past, s.tallies) {
		id := string(workspace.AppendKeyID(nil, t.id))
		c.uses[id] = later(c.uses[id], s.use(&t))
		for i, n := range t.checks {
			if n > 0 {
				hour := time.Unix(int64(t.hour)*3600, 0).UTC()
				c.counts[workspace.HourCount{KeyID: id, Hour: hour, Decision: workspace.Decisions[i]}] += int64(n)
			}
		}
	}
}

// batches splits what was collected into transactions, in the order of the
// keys: those of one transaction are next to each other in the database, and
// share its pages.
func (c *collected) batches(now time.Time) (all []workspace.UsageBatch) {
	counts := map[string][]workspace.HourCount{}
	for count, n := range c.counts {
		count.Checks = n
		counts[count.KeyID] = append(counts[count.KeyID], count)
	}
	for ids := range slices.Chunk(slices.Sorted(maps.Keys(c.uses)), batchKeys) {
		b := workspace.UsageBatch{ID: workspace.NewBatchID(now), At: now}
		for _, id := range ids {
			if use := c.uses[id]; !use.At.IsZero() {
				b.Uses = append(b.Uses, workspace.KeyUse{KeyID: id, Use: use})
			}
			b.Counts = append(b.Counts, counts[id]...)
			b.Sources = append(b.Sources, newest(c.sources[id])...)
		}
		all = append(all, b)
	}
	return all
}

// FlushEvery flushes at each interval until ctx ends, and once more then,
// within 5 seconds. It calls failed with each error.
func (x *Index) FlushEvery(ctx context.Context, interval time.Duration, failed func(error)) {
	tick := time.NewTicker(interval)
	defer tick.Stop()
	rest := func(worked time.Duration) {
		select {
		case <-time.After(restFactor * worked):
		case <-ctx.Done():
		}
	}
	for {
		select {
		case <-tick.C:
			if err := x.flush(ctx, rest); err != nil && ctx.Err() == nil {
				failed(err)
			}
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
			defer cancel()
			if err := x.Flush(last); err != nil {
				failed(err)
			}
			return
		}
	}
}
