package workspace

import "time"

// Throttle counts the wrong passwords of one subject: an account, a network address, or a known device.
type Throttle struct {
	Subject      string
	Failures     int
	LastFailed   time.Time
	BlockedUntil time.Time
}
