package keyindex

import (
	"sync/atomic"
	"time"

	"github.com/keylodge/keylodge/internal/ratelimit"
)

// meter remembers how much of a key's rate is used up, on this node.
type meter struct{ full atomic.Int64 }

// take lets one request through or not, without a lock.
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

// keep sees to it that a place has a meter, with what it has seen so far, or
// has none.
func (m *meters) keep(place uint32, wanted bool) {
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
