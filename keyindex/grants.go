package keyindex

import (
	"fmt"
	"strings"

	"github.com/keylodge/keylodge/workspace"
)

// grant is what keys of one owner with the same limits have in common.
type grant struct {
	member uint32  // the owner's number in members
	limits *Limits // nil: none
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

// number returns the place in all of a grant to a member.
func (g *grants) number(member uint32, l workspace.Limits) uint32 {
	name := grantName{member, limitsName(l)}
	n, ok := g.numbers[name]
	if !ok {
		n = uint32(len(g.all))
		g.numbers[name] = n
		g.all = append(g.all, grant{member: member, limits: g.shared(name.limits, l)})
	}
	return n
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
