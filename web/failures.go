package web

import (
	"encoding/binary"
	"net/netip"
	"sync"
	"time"

	"github.com/keylodge/keylodge/workspace"
)

// failures counts the keys that were not good, by the address that they came from. It holds a bounded number of
// addresses, so that nobody can fill the memory.
type failures struct {
	rate   workspace.Rate // zero: nothing is counted
	shards [64]failureShard
}

type failureShard struct {
	mu   sync.Mutex
	full map[netip.Prefix]int64 // see workspace.Rate.Take
}

// failuresPerShard bounds the table to 32,768 addresses: some 3 MB.
const failuresPerShard = 512

func newFailures(rate workspace.Rate) *failures {
	f := &failures{rate: rate}
	for i := range f.shards {
		f.shards[i].full = map[netip.Prefix]int64{}
	}
	return f
}

// add counts one failure, and returns how long to wait when there have been too many, or else 0.
func (f *failures) add(address netip.Addr, now time.Time) time.Duration {
	if f.rate == (workspace.Rate{}) {
		return 0
	}
	from := network(address)
	bytes := from.Addr().As16()
	shard := &f.shards[(binary.BigEndian.Uint64(bytes[8:])^binary.BigEndian.Uint64(bytes[:8]))*0x9e3779b97f4a7c15>>58]
	shard.mu.Lock()
	defer shard.mu.Unlock()
	full, known := shard.full[from]
	next, quota, _ := f.rate.Take(full, now.UnixNano())
	if !known && len(shard.full) >= failuresPerShard {
		shard.forgetOne()
	}
	shard.full[from] = next
	return quota.RetryAfter
}

// forgetOne drops the address that has failed least lately.
func (s *failureShard) forgetOne() {
	var oldest netip.Prefix
	first := int64(0)
	for address, full := range s.full {
		if first == 0 || full < first {
			oldest, first = address, full
		}
	}
	delete(s.full, oldest)
}

// network returns what counts as one address: an IPv4 address, or the 64 bits of an IPv6 one that a site is given.
func network(address netip.Addr) netip.Prefix {
	bits := address.BitLen()
	if address.Is6() {
		bits = 64
	}
	p, _ := address.WithZone("").Prefix(bits)
	return p
}
