package keyindex

import (
	"net/netip"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/keylodge/keylodge/internal/useragent"
	"github.com/keylodge/keylodge/internal/workspace"
)

// usage counts the verifications of each key, and holds its last use, until
// both are flushed to the database. It is split into stripes: a verification
// writes to one that no other is writing to, so no core waits for another.
type usage struct {
	stripes    []*stripe
	lastStripe sync.Pool // of *uint32: the stripe that a processor used last, which is in its cache
	next       atomic.Uint32
	flushes    flushes
}

type stripe struct {
	mu      sync.Mutex
	places  map[keyID]uint32 // in tallies
	tallies []tally          // of each key, for its latest hour
	past    []tally          // of earlier hours
	agents  agents
	sources map[sourceOf]seen // that are not in a tally
	_       [64]byte          // so that no two stripes share a cache line
}

// agents holds each family of programs once.
type agents struct {
	places map[string]uint16 // in names
	names  []string
}

type keyID = [workspace.IDBytes]byte

// tally is the use of one key within one hour. It holds no pointers.
type tally struct {
	id     keyID
	hour   uint32 // hours since 1970
	at     int64  // of the last use, in microseconds since 1970; 0: none
	ip     [16]byte
	agent  uint16                           // of the last use: its place in agents
	checks [len(workspace.Decisions)]uint32 // in the order of workspace.Decisions
	from   source                           // of the last verification
	seen   seen                             // of that source
}

// maxAgents is how many families of programs a stripe tells apart between two
// flushes; the rest are useragent.Other.
const maxAgents = 1000

func newUsage() *usage {
	u := new(usage)
	for range 4 * runtime.GOMAXPROCS(0) {
		u.stripes = append(u.stripes, newStripe())
	}
	return u
}

func newStripe() *stripe {
	return &stripe{
		places:  map[keyID]uint32{},
		agents:  agents{places: map[string]uint16{}},
		sources: map[sourceOf]seen{},
	}
}

func (u *usage) record(a *Result, q *Request) {
	s := u.free()
	defer s.mu.Unlock()
	t := s.tally(a.KeyID, uint32(q.Now.Unix()/3600))
	decision := slices.Index(workspace.Decisions[:], a.Decision)
	t.checks[decision]++
	at, from := q.Now.UnixMicro(), source{agent: s.agents.placeOf(useragent.Family(q.Agent)),
		secret: uint32(a.SecretNumber), decision: uint8(decision)}
	if q.IP.IsValid() {
		from.ip = q.IP.As16()
	}
	s.note(t, from, at)
	if a.Decision == workspace.DecisionValid && at >= t.at {
		t.at, t.agent, t.ip = at, from.agent, from.ip
	}
}

// free returns a stripe, locked. There are more stripes than verifications at
// any time, so one is nearly always free.
func (u *usage) free() *stripe {
	last, ok := u.lastStripe.Get().(*uint32)
	if !ok {
		last = new(uint32)
		*last = u.next.Add(1)
	}
	defer u.lastStripe.Put(last)
	for range u.stripes {
		s := u.stripes[*last%uint32(len(u.stripes))]
		if s.mu.TryLock() {
			return s
		}
		*last++
	}
	s := u.stripes[*last%uint32(len(u.stripes))]
	s.mu.Lock()
	return s
}

func (s *stripe) tally(id keyID, hour uint32) *tally {
	place, ok := s.places[id]
	if !ok {
		place = uint32(len(s.tallies))
		s.places[id] = place
		s.tallies = append(s.tallies, tally{id: id, hour: hour})
	}
	t := &s.tallies[place]
	if t.hour != hour {
		s.past = append(s.past, *t)
		*t = tally{id: id, hour: hour, at: t.at, ip: t.ip, agent: t.agent, from: t.from, seen: t.seen}
	}
	return t
}

// placeOf returns the place of a family in names, and adds one that is unknown.
func (a *agents) placeOf(family string) uint16 {
	if n, ok := a.places[family]; ok {
		return n
	}
	if len(a.names) >= maxAgents-1 && family != useragent.Other {
		return a.placeOf(useragent.Other)
	}
	n := uint16(len(a.names))
	family = strings.Clone(family) // it was part of a request's whole header
	a.places[family], a.names = n, append(a.names, family)
	return n
}

// use returns the last use in a tally, zero if there was none.
func (s *stripe) use(t *tally) workspace.Use {
	if t.at == 0 {
		return workspace.Use{}
	}
	u := workspace.Use{At: time.UnixMicro(t.at).UTC(), Agent: s.agents.names[t.agent]}
	if t.ip != [16]byte{} {
		u.IP = netip.AddrFrom16(t.ip).Unmap()
	}
	return u
}

func (s *stripe) lastUse(id keyID) workspace.Use {
	s.mu.Lock()
	defer s.mu.Unlock()
	place, ok := s.places[id]
	if !ok {
		return workspace.Use{}
	}
	return s.use(&s.tallies[place])
}

// LastUse returns the last use of a key that the database may not have yet, or
// false.
func (x *Index) LastUse(id string) (last workspace.Use, found bool) {
	b, ok := workspace.ParseKeyID(id)
	if !ok {
		return last, false
	}
	for _, s := range x.usage.stripes {
		last = later(last, s.lastUse(b))
	}
	last = later(last, x.usage.flushes.lastUse(id)) // after the stripes: what has left one meanwhile is here
	return last, !last.At.IsZero()
}

func later(a, b workspace.Use) workspace.Use {
	if b.At.After(a.At) {
		return b
	}
	return a
}
