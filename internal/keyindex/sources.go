package keyindex

import (
	"cmp"
	"net/netip"
	"slices"
	"time"

	"github.com/keylodge/keylodge/internal/workspace"
)

// source is where a key was used from, by which program and with which of its
// secrets, and the decision. It holds no pointers.
type source struct {
	ip       [16]byte
	secret   uint32
	agent    uint16
	decision uint8 // its place in workspace.Decisions
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
	maxSources     = 10_000 // of all keys, in a stripe, between two flushes
	sourcesAtATime = 8      // of one key, that a flush writes
)

// note counts a verification from a source. Most have the source of the last
// one, which is in the tally itself; it moves to the map when another takes its
// place.
func (s *stripe) note(t *tally, from source, at int64) {
	if t.from != from {
		if t.seen.checks > 0 {
			s.putAway(sourceOf{t.id, t.from}, t.seen)
		}
		t.from, t.seen = from, seen{}
	}
	t.seen = t.seen.and(seen{1, at})
}

func (s *stripe) putAway(name sourceOf, n seen) {
	if before, known := s.sources[name]; known || len(s.sources) < maxSources {
		s.sources[name] = before.and(n)
	}
}

// addSources adds what a stripe has seen of sources.
func (c *collected) addSources(s *stripe) {
	for _, t := range s.tallies {
		if t.seen.checks > 0 {
			s.putAway(sourceOf{t.id, t.from}, t.seen)
		}
	}
	for name, n := range s.sources {
		id := string(workspace.AppendKeyID(nil, name.id))
		found := workspace.KeySource{
			KeyID: id, SecretNumber: int(name.secret), Decision: workspace.Decisions[name.decision], Checks: int64(n.checks),
			Use: workspace.Use{At: time.UnixMicro(n.at).UTC(), Agent: s.agents.names[name.agent]},
		}
		if name.ip != [16]byte{} {
			found.IP = netip.AddrFrom16(name.ip).Unmap()
		}
		c.sources[id] = addSource(c.sources[id], found)
	}
}

// addSource adds one to those of its key, each of which is there once.
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
	if len(all) > sourcesAtATime {
		slices.SortFunc(
			all,
			func(a, b workspace.KeySource) int { return cmp.Or(b.At.Compare(a.At), cmp.Compare(b.Checks, a.Checks)) },
		)
		all = all[:sourcesAtATime]
	}
	return all
}
