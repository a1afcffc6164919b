package keyindex

import (
	"cmp"
	"net/netip"
	"slices"
	"time"

	"github.com/keylodge/keylodge/internal/workspace"
)

// source is the IP and the program that a key was used by, which of its secrets
// they used, and the decision. It holds no pointers.
type source struct {
	ip       [16]byte
	secret   uint32
	agent    uint16 // its place in agents
	decision uint8  // its place in workspace.Decisions
}

// seen is how often a source was seen, and when last.
type seen struct {
	checks uint32
	at     int64 // in microseconds since 1970
}

func (a seen) and(b seen) seen { return seen{a.checks + b.checks, max(a.at, b.at)} }

// sourceOf is a source of one key.
type sourceOf struct {
	id keyID
	source
}

// A key may be used from any number of IPs, so sources are bounded.
const (
	maxSources      = 10_000 // of all keys, in a stripe, between two flushes
	sourcesPerFlush = 8      // of one key
)

// note counts a verification from a source. Most come from the same source as
// the one before, which is in the tally itself; it moves to the map when
// another replaces it.
func (s *stripe) note(t *tally, from source, at int64) {
	if t.from != from {
		if t.seen.checks > 0 {
			s.putAway(sourceOf{t.id, t.from}, t.seen)
		}
		t.from, t.seen = from, seen{}
	}
	t.seen = t.seen.and(seen{1, at})
}

// putAway adds to a source in the map, if there is room for it.
func (s *stripe) putAway(from sourceOf, n seen) {
	if before, known := s.sources[from]; known || len(s.sources) < maxSources {
		s.sources[from] = before.and(n)
	}
}

// addSources adds the sources of a stripe.
func (c *collected) addSources(s *stripe) {
	for _, t := range s.tallies {
		if t.seen.checks > 0 {
			s.putAway(sourceOf{t.id, t.from}, t.seen)
		}
	}
	for from, n := range s.sources {
		id := string(workspace.AppendKeyID(nil, from.id))
		found := workspace.KeySource{
			KeyID: id, SecretNumber: int(from.secret), Decision: workspace.Decisions[from.decision],
			Checks: int64(n.checks),
			Use:    workspace.Use{At: time.UnixMicro(n.at).UTC(), Agent: s.agents.names[from.agent]},
		}
		if from.ip != [16]byte{} {
			found.IP = netip.AddrFrom16(from.ip).Unmap()
		}
		c.sources[id] = addSource(c.sources[id], found)
	}
}

// addSource adds a source to those of its key, each of which is there once.
func addSource(all []workspace.KeySource, one workspace.KeySource) []workspace.KeySource {
	for i := range all {
		if s := &all[i]; s.SecretNumber == one.SecretNumber && s.Decision == one.Decision && s.IP == one.IP &&
			s.Agent == one.Agent {
			s.Checks += one.Checks
			s.At = later(s.Use, one.Use).At
			return all
		}
	}
	return append(all, one)
}

// newest returns the sources of a key that a flush writes.
func newest(all []workspace.KeySource) []workspace.KeySource {
	if len(all) > sourcesPerFlush {
		slices.SortFunc(
			all,
			func(a, b workspace.KeySource) int { return cmp.Or(b.At.Compare(a.At), cmp.Compare(b.Checks, a.Checks)) },
		)
		all = all[:sourcesPerFlush]
	}
	return all
}
