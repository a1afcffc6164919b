package httpguard

import (
	"hash/maphash"
	"net/netip"
	"sync"
	"time"

	"github.com/keylodge/keylodge/internal/ratelimit"
	"github.com/keylodge/keylodge/internal/workspace"
)

// IPLimit limits how often clients may do something, by their IP. All of an
// IPv6 /64 counts as one. It tracks a bounded number of IPs, so its memory is
// bounded. It is safe for concurrent use.
type IPLimit struct {
	rate   ratelimit.Rate // zero: no limit
	seed   maphash.Seed
	shards [64]ipShard
}

type ipShard struct {
	mu   sync.Mutex
	full map[string]int64 // by workspace.ClientNetwork; see ratelimit.Rate.Take
}

// ipsPerShard bounds the table to 32,768 IPs: some 3 MB.
const ipsPerShard = 512

// NewIPLimit returns a limit that has counted nothing.
func NewIPLimit(rate ratelimit.Rate) *IPLimit {
	l := &IPLimit{rate: rate, seed: maphash.MakeSeed()}
	for i := range l.shards {
		l.shards[i].full = map[string]int64{}
	}
	return l
}

// Add counts one action of a client, and returns what is left of the rate. Its
// RetryAfter is more than 0 when the client is over the limit.
func (l *IPLimit) Add(ip netip.Addr, now time.Time) ratelimit.Quota {
	if l.rate == (ratelimit.Rate{}) {
		return ratelimit.Quota{}
	}
	client := workspace.ClientNetwork(ip)
	shard := &l.shards[maphash.String(l.seed, client)%uint64(len(l.shards))]
	shard.mu.Lock()
	defer shard.mu.Unlock()
	full, known := shard.full[client]
	next, quota, _ := l.rate.Take(full, now.UnixNano())
	if !known && len(shard.full) >= ipsPerShard {
		shard.forgetOne()
	}
	shard.full[client] = next
	return quota
}

// forgetOne forgets the client whose rate is restored the soonest.
func (s *ipShard) forgetOne() {
	soonest := ""
	first := int64(0)
	for client, full := range s.full {
		if first == 0 || full < first {
			soonest, first = client, full
		}
	}
	delete(s.full, soonest)
}
