package keyindex

import (
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"github.com/keylodge/keylodge/workspace"
)

// grant is what keys of one owner with the same limits have in common. A key with a rate has one of its own.
type grant struct {
	member uint32  // the owner's number in members
	limits *Limits // nil: none
	meter  *meter  // nil: no rate
}

// Limits are what a key is held to, with its scopes as one text too. They are never altered.
type Limits struct {
	workspace.Limits
	ScopeText string // the scopes, with spaces between them (RFC 6749 section 3.3)
}

// grants holds each grant once, whatever number of keys have it. Grants that no key has any more stay until the index
// is loaded anew.
type grants struct {
	all     []grant
	numbers map[grantName]uint32
	limits  map[string]*Limits
}

type grantName struct {
	member uint32
	limits string
}

func newGrants() grants {
	return grants{numbers: map[grantName]uint32{}, limits: map[string]*Limits{}}
}

// number returns the place in all of a grant to a member. A key that had a grant before keeps its meter.
func (g *grants) number(member uint32, l workspace.Limits, before *uint32) uint32 {
	name := grantName{member, limitsName(l)}
	if n, ok := g.numbers[name]; ok && l.Rate == (workspace.Rate{}) {
		return n
	}
	made := grant{member: member, limits: g.shared(name.limits, l)}
	if l.Rate != (workspace.Rate{}) {
		made.meter = new(meter)
		if before != nil && g.all[*before].meter != nil {
			made.meter = g.all[*before].meter
			if g.all[*before] == made {
				return *before
			}
		}
	} else {
		g.numbers[name] = uint32(len(g.all))
	}
	g.all = append(g.all, made)
	return uint32(len(g.all) - 1)
}

// shared returns the one copy of some limits.
func (g *grants) shared(name string, l workspace.Limits) *Limits {
	if name == "" {
		return nil
	}
	shared, ok := g.limits[name]
	if !ok {
		shared = &Limits{Limits: l, ScopeText: strings.Join(l.Scopes, " ")}
		g.limits[name] = shared
	}
	return shared
}

// limitsName tells limits apart. No limits have no name.
func limitsName(l workspace.Limits) string {
	if l.Scopes == nil && l.Addresses == nil && l.Rate == (workspace.Rate{}) {
		return ""
	}
	return fmt.Sprint(l.Scopes, l.Addresses, l.Rate)
}

// meter remembers how much of a key's rate is used up, on this node.
type meter struct{ full atomic.Int64 }

// take lets one request through or not, without a lock.
func (m *meter) take(rate workspace.Rate, now time.Time) (workspace.Quota, bool) {
	for {
		before := m.full.Load()
		next, quota, ok := rate.Take(before, now.UnixNano())
		if m.full.CompareAndSwap(before, next) {
			return quota, ok
		}
	}
}
