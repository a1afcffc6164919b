package workspace

import (
	"net/netip"
	"time"
)

// Use is the last time that a key was accepted, from where, and by which sort
// of program. The zero Use is "never".
type Use struct {
	At      time.Time
	Address netip.Addr
	Agent   string // see useragent.Family
}

// KeyUse is the use of one key, to be recorded.
type KeyUse struct {
	KeyID string
	Use
}

// HourCount is how many checks of a key came to one decision within one hour.
type HourCount struct {
	KeyID    string
	Hour     time.Time // its beginning, UTC
	Decision Decision
	Checks   int64
}

// UsageBatch is what one node has seen of some keys since its last batch.
// Recording a batch again, by its ID, does nothing: who did not hear whether it
// was recorded may safely send it once more.
type UsageBatch struct {
	ID      string
	At      time.Time
	Uses    []KeyUse    // one a key at most
	Counts  []HourCount // one a key, hour and decision at most
	Sources []KeySource // one a key, secret, address, agent and decision at most
}

// usageMemory is how long counts are kept. Batches' ids are kept for
// batchMemory, far longer than anybody retries.
const (
	usageMemory = 100 * 24 * time.Hour
	batchMemory = 24 * time.Hour
)

// NewBatchID returns an id for a [UsageBatch].
func NewBatchID(now time.Time) string { return newID(batchIDPrefix, now) }
