package templates

import (
	"time"

	"github.com/keylodge/keylodge/internal/paths"
	"github.com/keylodge/keylodge/internal/workspace"
)

// OverviewView shows the state of all keys.
type OverviewView struct {
	Layout
	workspace.Overview
}

// tile is a count and the URL of the list that it counts.
type tile struct {
	Count          int
	Name, Why, URL string
}

func (v OverviewView) tiles() []tile {
	return []tile{
		{v.Counts[workspace.KeyActive], "Live keys", "All that can be used.", paths.Keys},
		{v.Health.Expiring, "Expire within 14 days", "Rotate or extend them before something stops.", paths.Keys +
			"?expiring=14"},
		{v.Health.Unused, "Unused for 90 days", "Most can be revoked.", paths.Keys + "?unused=90"},
		{v.Health.Endless, "Never expire", "A lost one works for ever.", paths.Keys + "?expiring=never"},
		{v.Health.FullAccess, "Full access", "They do all that their owner may.", paths.Keys + "?access=full"},
		{v.Health.WeakOwners, "Owners without a second factor", "Whoever has their password has their keys.",
			paths.Keys + "?weak=owners"},
	}
}

// counted returns a count that stops at workspace.CountedUpTo.
func counted(n int) string {
	if n == workspace.CountedUpTo+1 {
		return thousands(workspace.CountedUpTo) + "+"
	}
	return thousands(n)
}

type refusal struct {
	Decision  workspace.Decision
	Day, Week int
}

// refusals returns the refused verifications of the last 7 days by decision.
func (v OverviewView) refusals() (all []refusal) {
	for _, d := range workspace.Decisions[1:] {
		r := refusal{Decision: d}
		for _, h := range v.Hours {
			if h.Decision != d || v.Now.Sub(h.Hour) > 7*day {
				continue
			}
			r.Week += int(h.Checks)
			if v.Now.Sub(h.Hour) <= 24*time.Hour {
				r.Day += int(h.Checks)
			}
		}
		if r.Week > 0 {
			all = append(all, r)
		}
	}
	return all
}
