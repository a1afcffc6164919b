package keyindex

import (
	"sync/atomic"
	"time"

	"github.com/keylodge/keylodge/workspace"
)

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

// meters holds a meter for each record of a key with a rate, by its number, in chunks like those of records. There are only the chunks
// in which some key has a rate.
type meters []*[chunkLength]*meter

func (m *meters) set(number uint32, one *meter) {
	chunk := int(number / chunkLength)
	for len(*m) <= chunk {
		*m = append(*m, nil)
	}
	if (*m)[chunk] == nil {
		(*m)[chunk] = new([chunkLength]*meter)
	}
	(*m)[chunk][number%chunkLength] = one
}

// at returns the meter of a record, or nil.
func (m meters) at(number uint32) *meter {
	if chunk := int(number / chunkLength); chunk < len(m) && m[chunk] != nil {
		return m[chunk][number%chunkLength]
	}
	return nil
}
