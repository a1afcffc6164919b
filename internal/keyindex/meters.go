package keyindex

import (
	"sync/atomic"
	"time"

	"github.com/keylodge/keylodge/internal/ratelimit"
)

// meter holds how much of a key's rate is used up on this node.
type meter struct{ full atomic.Int64 }

// take counts one request, and reports whether the rate allows it. It takes no
// lock.
func (m *meter) take(rate ratelimit.Rate, now time.Time) (ratelimit.Quota, bool) {
	for {
		before := m.full.Load()
		next, quota, ok := rate.Take(before, now.UnixNano())
		if m.full.CompareAndSwap(before, next) {
			return quota, ok
		}
	}
}

// meters holds a meter for each key of a chunk that has a rate, at the place of
// its record. Old secrets of a key use the key's: what one uses up is used up
// for all.
type meters struct {
	all   *[chunkLength]*meter // nil: no key of the chunk has a rate
	count int
}

// set gives a place a meter, or takes its meter away. A meter that is there
// keeps its count.
func (m *meters) set(place uint32, wanted bool) {
	if m.all == nil {
		if !wanted {
			return
		}
		m.all = new([chunkLength]*meter)
	}
	one := &m.all[place]
	switch has := *one != nil; {
	case wanted && !has:
		*one = new(meter)
		m.count++
	case !wanted && has:
		*one = nil
		m.count--
	}
	if m.count == 0 {
		m.all = nil
	}
}
