package httpguard

import (
	"hash/maphash"
	"net/netip"
	"sync"
	"time"

	"github.com/keylodge/keylodge/internal/ratelimit"
	"github.com/keylodge/keylodge/internal/workspace"
)

// IPLimit counts the keys that were not good, by the address that they came
// from. It holds a bounded number of addresses, so that nobody can fill the
// memory.
type IPLimit struct {
	rate   ratelimit.Rate // zero: nothing is counted
	seed   maphash.Seed
	shards [64]ipShard
}

type ipShard struct {
	mu   sync.Mutex
	full map[string]int64 // by workspace.AddressHolder; see ratelimit.Rate.Take
}

// ipsPerShard bounds the table to 32,768 addresses: some 3 MB.
const ipsPerShard = 512

// NewIPLimit returns a limit that has counted nothing.
func NewIPLimit(rate ratelimit.Rate) *IPLimit {
	f := &IPLimit{rate: rate, seed: maphash.MakeSeed()}
	for i := range f.shards {
		f.shards[i].full = map[string]int64{}
	}
	return f
}

// Add counts one failure, and returns what is left of the rate; its RetryAfter
// is 0 unless there have been too many.
func (f *IPLimit) Add(address netip.Addr, now time.Time) ratelimit.Quota {
	if f.rate == (ratelimit.Rate{}) {
		return ratelimit.Quota{}
	}
	from := workspace.AddressHolder(address)
	shard := &f.shards[maphash.String(f.seed, from)%uint64(len(f.shards))]
	shard.mu.Lock()
	defer shard.mu.Unlock()
	full, known := shard.full[from]
	next, quota, _ := f.rate.Take(full, now.UnixNano())
	if !known && len(shard.full) >= ipsPerShard {
		shard.forgetOne()
	}
	shard.full[from] = next
	return quota
}

// forgetOne drops the address whose failures are the soonest to be forgotten
// anyway.
func (s *ipShard) forgetOne() {
	soonest := ""
	first := int64(0)
	for address, full := range s.full {
		if first == 0 || full < first {
			soonest, first = address, full
		}
	}
	delete(s.full, soonest)
}
