// Package ratelimit has rates such as 100 requests a minute: how they are
// written, compared and enforced.
package ratelimit

import (
	"strconv"
	"strings"
	"time"
)

// Rate is how often something may happen. The zero Rate means no limit.
type Rate struct {
	Requests int           // allowed in each window: 1 to 1,000,000
	Window   time.Duration // whole seconds, up to 24 hours
}

const (
	maxRequests = 1_000_000
	maxWindow   = 24 * time.Hour
)

// Parse reads a rate such as "100/1m" or "10/s": requests, and a window as
// [time.ParseDuration] reads it, in whole seconds. For a text that is not a
// rate it returns a message for the person who typed it.
func Parse(text string) (r Rate, message string) {
	count, window, _ := strings.Cut(text, "/")
	n, countErr := strconv.Atoi(count)
	if window == "s" || window == "m" || window == "h" {
		window = "1" + window
	}
	d, windowErr := time.ParseDuration(window)
	switch {
	case countErr != nil || windowErr != nil:
		return Rate{}, "Give a number of requests and a time, such as 100/1m."
	case n < 1 || n > maxRequests:
		return Rate{}, "Give from 1 to 1000000 requests."
	case d < time.Second || d > maxWindow || d%time.Second != 0:
		return Rate{}, "Give a time of whole seconds, from 1s to 24h."
	}
	return Rate{n, d}, ""
}

// String returns the rate as [Parse] reads it, and "" for no limit.
func (r Rate) String() string {
	if r == (Rate{}) {
		return ""
	}
	window := strconv.Itoa(int(r.Window/time.Second)) + "s"
	switch {
	case r.Window%time.Hour == 0:
		window = strconv.Itoa(int(r.Window/time.Hour)) + "h"
	case r.Window%time.Minute == 0:
		window = strconv.Itoa(int(r.Window/time.Minute)) + "m"
	}
	return strconv.Itoa(r.Requests) + "/" + window
}

// AllowsMoreThan reports whether r lets more requests through than other, at
// once or over time.
func (r Rate) AllowsMoreThan(other Rate) bool {
	switch {
	case other == Rate{}:
		return false
	case r == Rate{}:
		return true
	}
	// In whole seconds: the product with nanoseconds would overflow.
	rWindow, otherWindow := int64(r.Window/time.Second), int64(other.Window/time.Second)
	faster := int64(r.Requests)*otherWindow > int64(other.Requests)*rWindow
	return r.Requests > other.Requests || faster
}

// Quota is what is left of a rate after a request.
type Quota struct {
	Rate       Rate
	Remaining  int           // requests that would be let through now
	Reset      time.Duration // until Rate.Requests would be let through
	RetryAfter time.Duration // until one would be let through; 0 unless this one was refused
}

// Take reports whether one request at now fits the rate, by the generic cell
// rate algorithm (ITU-T I.371, annex A): a full window may arrive at once, then
// one request each Window/Requests.
//
// The algorithm remembers one number between requests: the time, in nanoseconds
// since 1970, at which the rate is unused again. The caller passes it as full,
// 0 at first, and keeps the next that Take returns.
func (r Rate) Take(full, now int64) (next int64, q Quota, ok bool) {
	window := int64(r.Window)
	each := window / int64(r.Requests)
	full = min(max(full, now), now+window) // the clock may have been set back
	next = full + each
	q.Rate = r
	if wait := next - now - window; wait > 0 {
		q.Reset, q.RetryAfter = time.Duration(full-now), time.Duration(wait)
		return full, q, false
	}
	q.Remaining, q.Reset = min(int((now+window-next)/each), r.Requests-1), time.Duration(next-now)
	return next, q, true
}
