package outbox

import (
	"slices"
	"strings"
	"time"

	"github.com/keylodge/keylodge/internal/workspace"
)

// board decides which route is next. Lanes take turns, and so do the hosts of a
// lane. It is not safe for concurrent use.
type board struct {
	free   int // messages that may start now
	lanes  []*lane
	last   string         // the lane that was served last
	byLane map[string]int // messages being sent
	byHost map[string]int

	paused   time.Time     // nothing starts before this time
	relayOut time.Duration // the last pause after a failure of the relay; 0: it works
}

// lane holds the hosts of a lane that have messages due; the first is next.
type lane struct {
	name  string
	hosts []string
}

func newBoard(atOnce int) *board {
	return &board{free: atOnce, byLane: map[string]int{}, byHost: map[string]int{}}
}

// set replaces the routes with messages due, which are sorted by lane.
func (b *board) set(routes []workspace.Route) {
	b.lanes = b.lanes[:0]
	for _, r := range routes {
		if n := len(b.lanes); n == 0 || b.lanes[n-1].name != r.Lane {
			b.lanes = append(b.lanes, &lane{name: r.Lane})
		}
		l := b.lanes[len(b.lanes)-1]
		l.hosts = append(l.hosts, r.Host)
	}
}

// next returns the next route, and false when no message may start.
func (b *board) next(now time.Time) (workspace.Route, bool) {
	if b.free == 0 || now.Before(b.paused) || b.relayOut > 0 && b.sending() > 0 {
		return workspace.Route{}, false
	}
	first, found := slices.BinarySearchFunc(b.lanes, b.last,
		func(l *lane, name string) int { return strings.Compare(l.name, name) })
	if found {
		first++
	}
	for i := range b.lanes {
		l := b.lanes[(first+i)%len(b.lanes)]
		if b.byLane[l.name] >= MaxPerLane {
			continue
		}
		for j, host := range l.hosts {
			if b.byHost[host] < MaxPerLane {
				l.hosts = append(slices.Delete(l.hosts, j, j+1), host)
				b.last = l.name
				return workspace.Route{Lane: l.name, Host: host}, true
			}
		}
	}
	return workspace.Route{}, false
}

func (b *board) sending() (n int) {
	for _, of := range b.byLane {
		n += of
	}
	return n
}

// exhausted removes a route that has nothing due.
func (b *board) exhausted(r workspace.Route) {
	for _, l := range b.lanes {
		if l.name == r.Lane {
			l.hosts = slices.DeleteFunc(l.hosts, func(host string) bool { return host == r.Host })
		}
	}
}

// begin counts a message of a route that is now being sent.
func (b *board) begin(r workspace.Route) {
	b.free--
	b.byLane[r.Lane]++
	b.byHost[r.Host]++
}

// end records the outcome of a message. After a failure of the whole mail
// server nothing starts for a while, and then one message at a time.
func (b *board) end(r result, now time.Time) {
	b.free++
	leave(b.byLane, r.route.Lane)
	leave(b.byHost, r.route.Host)
	if r.failed == nil || !r.failed.Relay {
		b.relayOut = 0
		return
	}
	if now.Before(b.paused) { // it started before the pause
		return
	}
	b.relayOut = min(max(2*b.relayOut, relayPause), maxRelayPause)
	b.paused = now.Add(b.relayOut)
}

func leave(counts map[string]int, name string) {
	if counts[name]--; counts[name] == 0 {
		delete(counts, name)
	}
}
