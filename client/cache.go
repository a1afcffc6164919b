package client

import (
	"crypto/sha256"
	"slices"
	"strings"
	"sync"
	"time"
)

// maxCached bounds the cache: some 3 MB.
const maxCached = 10_000

// cache holds accepted keys for a while. A nil cache holds nothing.
type cache struct {
	life time.Duration

	mu      sync.Mutex
	entries map[cacheKey]cacheEntry
}

type cacheEntry struct {
	identity Identity
	began    time.Time // when its verification began; using the entry does not renew it
}

// cacheKey tells verifications apart, without holding a key.
type cacheKey [sha256.Size]byte

func cacheKeyOf(key, ip string, scopes []string) cacheKey {
	return sha256.Sum256([]byte(key + "\x00" + ip + "\x00" + strings.Join(scopes, " ")))
}

func newCache(life time.Duration) *cache {
	return &cache{life: life, entries: map[cacheKey]cacheEntry{}}
}

func (c *cache) get(k cacheKey, now time.Time) (Identity, bool) {
	if c == nil {
		return Identity{}, false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.entries[k]
	return e.identity.clone(), ok && now.Sub(e.began) <= c.life
}

func (c *cache) put(k cacheKey, id Identity, began time.Time) {
	if c == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.entries) >= maxCached {
		c.makeRoom(began)
	}
	c.entries[k] = cacheEntry{id.clone(), began}
}

// clone returns the identity with a copy of its scopes.
func (i Identity) clone() Identity {
	i.Scopes = slices.Clone(i.Scopes)
	return i
}

// makeRoom drops the expired entries or, if there are none, any one entry.
func (c *cache) makeRoom(now time.Time) {
	before := len(c.entries)
	for k, e := range c.entries {
		if now.Sub(e.began) > c.life {
			delete(c.entries, k)
		}
	}
	if len(c.entries) < before {
		return
	}
	for k := range c.entries {
		delete(c.entries, k)
		return
	}
}
