package client

import "time"

// MaxCached is for tests of the bound.
const MaxCached = maxCached

// SetClock has the client read another clock.
func (c *Client) SetClock(now func() time.Time) { c.now = now }

// Cached returns how many keys are cached.
func (c *Client) Cached() int {
	c.cache.mu.Lock()
	defer c.cache.mu.Unlock()
	return len(c.cache.entries)
}
