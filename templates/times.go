package templates

import (
	"fmt"
	"time"
)

const (
	day         = 24 * time.Hour
	fewDays     = 7 * day   // how long a past date is shown as "3 days ago"
	endsSoon    = 14 * day  // a key that ends within this is marked
	manyDays    = 120 * day // how long a future date is shown as "in 84 days"
	staleAfter  = 90 * day  // a key unused for this long is marked
	recentlyFor = day       // a key used within this is "still in use"
)

// machineTime returns the datetime attribute of <time>: RFC 3339 in UTC, to the
// second.
func machineTime(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// exactTime returns a time to the second.
func exactTime(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05") + " UTC" }

// preciseTime returns a time to the microsecond, as it is stored.
func preciseTime(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05.000000") + " UTC" }

func dateOf(t time.Time) string { return t.UTC().Format("2 Jan 2006") }

// when describes a past time: "4 min ago" within the last few days, otherwise
// the date.
func when(t, now time.Time) string {
	if now.Sub(t) < fewDays {
		return ago(t, now)
	}
	return dateOf(t)
}

// ago describes how long ago a time was. A time in the future is "just now".
func ago(t, now time.Time) string {
	switch d := now.Sub(t); {
	case d < time.Minute:
		return "just now"
	case d < time.Hour:
		return fmt.Sprintf("%d min ago", d/time.Minute)
	case d < day:
		return fmt.Sprintf("%d h ago", d/time.Hour)
	case d < 60*day:
		return plural(int(d/day), "day") + " ago"
	case d < 730*day:
		return plural(int(d/(30*day)), "month") + " ago"
	default:
		return plural(int(d/(365*day)), "year") + " ago"
	}
}

// until describes how far off a time is, or returns the date when it is far.
func until(t, now time.Time) string {
	switch d := t.Sub(now); {
	case d < time.Minute:
		return "in a moment"
	case d < time.Hour:
		return fmt.Sprintf("in %d min", d/time.Minute)
	case d < 36*time.Hour:
		return fmt.Sprintf("in %d h", d/time.Hour)
	case d < manyDays:
		return "in " + plural(int(d.Round(day)/day), "day")
	}
	return dateOf(t)
}

func plural(n int, unit string) string {
	if n == 1 {
		return "1 " + unit
	}
	return thousands(n) + " " + unit + "s"
}
