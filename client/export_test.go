package client

import "time"

// MaxKept is for tests of the bound.
const MaxKept = maxKept

// SetClock has the client read another clock.
func (c *Client) SetClock(now func() time.Time) { c.now = now }

// Kept returns how many answers are kept.
func (c *Client) Kept() int {
	c.kept.mu.Lock()
	defer c.kept.mu.Unlock()
	return len(c.kept.answers)
}
