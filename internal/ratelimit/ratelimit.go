package ratelimit

import (
	"strconv"
	"strings"
	"time"
)

// Rate is how often something may happen: so many requests in each window. The
// zero Rate is no limit.
type Rate struct {
	Requests int           // 1 to maxRequests
	Window   time.Duration // whole seconds, up to maxWindow
}

const (
	maxRequests = 1_000_000
	maxWindow   = 24 * time.Hour
)

// Parse reads a rate such as "100/1m": requests, and a window as
// [time.ParseDuration] takes it, of whole seconds. The message is empty when
// text is good.
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

// String writes the rate as [Parse] reads it, and no limit as nothing.
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

// Quota is what is left of a rate.
type Quota struct {
	Rate       Rate
	Remaining  int           // requests that would be let through now
	Reset      time.Duration // until all of Rate.Requests would be
	RetryAfter time.Duration // until the next one would be; 0 unless this one was refused
}

// Take lets one request through or not, by the generic cell rate algorithm
// (ITU-T I.371, annex A): a full window may come at once, and after it one
// request each Window/Requests. full is the moment, in nanoseconds since 1970,
// at which nothing of the rate is used up any more; it is all that is
// remembered between requests, 0 at first. Take returns the one to remember.
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
