package client

import (
	"crypto/sha256"
	"slices"
	"strings"
	"sync"
	"time"
)

// maxKept bounds the answers that are kept: some 3 MB.
const maxKept = 10_000

// kept are accepted answers that may be used again for a while. A nil kept
// keeps nothing.
type kept struct {
	life time.Duration

	mu      sync.Mutex
	answers map[questionID]keptAnswer
}

type keptAnswer struct {
	identity Identity
	asked    time.Time // before the question was sent, and never moved on
}

// questionID tells questions apart, without holding a key.
type questionID [sha256.Size]byte

func questionOf(key, from string, scopes []string) questionID {
	return sha256.Sum256([]byte(key + "\x00" + from + "\x00" + strings.Join(scopes, " ")))
}

func newKept(life time.Duration) *kept {
	return &kept{life: life, answers: map[questionID]keptAnswer{}}
}

func (k *kept) get(q questionID, now time.Time) (Identity, bool) {
	if k == nil {
		return Identity{}, false
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	a, ok := k.answers[q]
	return a.identity.own(), ok && now.Sub(a.asked) <= k.life
}

func (k *kept) put(q questionID, id Identity, asked time.Time) {
	if k == nil {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if len(k.answers) >= maxKept {
		k.makeRoom(asked)
	}
	k.answers[q] = keptAnswer{id.own(), asked}
}

// own returns the identity with scopes that nobody else can alter.
func (i Identity) own() Identity {
	i.Scopes = slices.Clone(i.Scopes)
	return i
}

// makeRoom drops what is too old, and if there is nothing such then anything.
func (k *kept) makeRoom(now time.Time) {
	before := len(k.answers)
	for n, a := range k.answers {
		if now.Sub(a.asked) > k.life {
			delete(k.answers, n)
		}
	}
	if len(k.answers) < before {
		return
	}
	for n := range k.answers {
		delete(k.answers, n)
		return
	}
}
