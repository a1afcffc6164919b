package workspace

import (
	"net/netip"
	"strings"
	"time"
)

// Use is the last time that a key was accepted, from where, and by which sort of program. The zero Use is "never".
type Use struct {
	At      time.Time
	Address netip.Addr
	Agent   string // see AgentFamily
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

// UsageBatch is what one node has seen of some keys since its last batch. Recording a batch again, by its ID, does
// nothing: who did not hear whether it was recorded may safely send it once more.
type UsageBatch struct {
	ID     string
	At     time.Time
	Uses   []KeyUse    // one a key at most
	Counts []HourCount // one a key, hour and decision at most
}

// usageMemory is how long counts are kept. Batches' ids are kept for batchMemory, far longer than anybody retries.
const (
	usageMemory = 100 * 24 * time.Hour
	batchMemory = 24 * time.Hour
)

// NewBatchID returns an id for a [UsageBatch].
func NewBatchID(now time.Time) string { return newID(batchIDPrefix, now) }

// browsers are the tokens that tell browsers apart, in the order in which they must be looked for: each claims to be
// those after it too.
var browsers = []struct{ token, family string }{
	{"Edg/", "Edge"}, {"OPR/", "Opera"}, {"Firefox/", "Firefox"}, {"Chrome/", "Chrome"}, {"Safari/", "Safari"},
}

// maxAgent is the longest family of a program, in bytes: shorter than a key. What is longer is OtherAgent, and so is what
// is one too many to be told apart.
const (
	maxAgent   = 32
	OtherAgent = "other"
)

// AgentFamily returns which sort of program a User-Agent names: a browser's name, or else the first product without
// its version (RFC 9110 section 10.1.5), such as "curl". It is part of userAgent or a constant.
func AgentFamily(userAgent string) string {
	if strings.HasPrefix(userAgent, "Mozilla/") {
		for _, b := range browsers {
			if strings.Contains(userAgent, b.token) {
				return b.family
			}
		}
	}
	for i := range len(userAgent) {
		switch c := userAgent[i]; {
		case c <= ' ' || c > '~' || c == '/' || c == '(':
			return userAgent[:i]
		case i == maxAgent: // no product has such a name, but a key has
			return OtherAgent
		}
	}
	return userAgent
}
