package keyindex

import (
	"fmt"
	"strings"

	"github.com/keylodge/keylodge/internal/ratelimit"
	"github.com/keylodge/keylodge/internal/workspace"
)

// grant is what keys of one owner with the same limits have in common.
type grant struct {
	member uint32  // the owner's place in members
	keys   uint32  // how many have it; 0: its place is free
	limits *Limits // nil: none
}

// Limits are the limits of a key, with its scopes as one text too. They are
// never altered.
type Limits struct {
	workspace.Limits
	ScopeText string // the scopes, with spaces between them (RFC 6749 section 3.3)

	key    string // see limitsKey
	grants int    // how many have them
}

// grants holds each grant that keys have, once, however many have it.
type grants struct {
	all    []grant
	free   []uint32                     // places in all
	places countedMap[grantKey, uint32] // in all
	limits countedMap[string, *Limits]
	unused []*Limits // that have left their last grant since forget; some may be in one again
}

type grantKey struct {
	member uint32
	limits *Limits
}

func newGrants() grants {
	return grants{places: newCountedMap[grantKey, uint32](), limits: newCountedMap[string, *Limits]()}
}

// take gives a grant to one more key, and returns the grant's place in all.
func (g *grants) take(member uint32, limits *Limits) uint32 {
	key := grantKey{member, limits}
	n, ok := g.places.all[key]
	if !ok {
		n = g.freePlace()
		g.all[n] = grant{member: member, limits: limits}
		g.places.put(key, n)
		if limits != nil {
			limits.grants++
		}
	}
	g.all[n].keys++
	return n
}

// freePlace returns a place in all that no grant has.
func (g *grants) freePlace() uint32 {
	if last := len(g.free) - 1; last >= 0 {
		n := g.free[last]
		g.free = g.free[:last]
		return n
	}
	g.all = append(g.all, grant{})
	return uint32(len(g.all) - 1)
}

// release takes a grant from a key.
func (g *grants) release(n uint32) {
	one := &g.all[n]
	one.keys--
	if one.keys > 0 {
		return
	}
	delete(g.places.all, grantKey{one.member, one.limits})
	if one.limits != nil {
		one.limits.grants--
		g.unused = append(g.unused, one.limits)
	}
	*one = grant{}
	g.free = append(g.free, n)
}

// shared returns the one copy of some limits. Verifications do not read what it
// changes, so it needs no lock.
func (g *grants) shared(l workspace.Limits) *Limits {
	key := limitsKey(l)
	if key == "" {
		return nil
	}
	shared, ok := g.limits.all[key]
	if !ok {
		shared = &Limits{Limits: l, ScopeText: strings.Join(l.Scopes, " "), key: key}
		g.limits.put(key, shared)
	}
	return shared
}

// forget frees limits that no key has any longer. Like shared, it needs no
// lock.
func (g *grants) forget() {
	for _, l := range g.unused {
		if l.grants == 0 && g.limits.all[l.key] == l {
			delete(g.limits.all, l.key)
		}
	}
	g.unused = nil
	g.limits.shrink()
	g.places.shrink()
}

// limitsKey returns a text that tells limits apart, empty for no limits.
func limitsKey(l workspace.Limits) string {
	if l.Scopes == nil && l.Networks == nil && l.Rate == (ratelimit.Rate{}) {
		return ""
	}
	return fmt.Sprint(l.Scopes, l.Networks, l.Rate)
}

// countedMap is a map that can shrink, which Go's maps never do.
type countedMap[K comparable, V any] struct {
	all  map[K]V
	most int // entries at any time since all was made
}

func newCountedMap[K comparable, V any]() countedMap[K, V] { return countedMap[K, V]{all: map[K]V{}} }

func (m *countedMap[K, V]) put(k K, v V) {
	m.all[k] = v
	m.most = max(m.most, len(m.all))
}

// shrink rebuilds the map when it has room for more than twice its contents.
func (m *countedMap[K, V]) shrink() {
	if m.most < 2*len(m.all)+64 {
		return
	}
	fresh := make(map[K]V, len(m.all))
	for k, v := range m.all {
		fresh[k] = v
	}
	m.all, m.most = fresh, len(fresh)
}
