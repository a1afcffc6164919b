package templates

import (
	"testing"
	"time"
)

var now = time.Date(2026, 11, 12, 9, 30, 5, 0, time.UTC)

func TestPastTimes(t *testing.T) {
	for _, c := range []struct {
		before    time.Duration
		ago, when string
	}{
		{-time.Hour, "just now", "just now"},
		{0, "just now", "just now"},
		{59 * time.Second, "just now", "just now"},
		{time.Minute, "1 min ago", "1 min ago"},
		{59*time.Minute + 59*time.Second, "59 min ago", "59 min ago"},
		{9 * time.Hour, "9 h ago", "9 h ago"},
		{day, "1 day ago", "1 day ago"},
		{3*day + time.Hour, "3 days ago", "3 days ago"},
		{7 * day, "7 days ago", "5 Nov 2026"},
		{59 * day, "59 days ago", "14 Sep 2026"},
		{60 * day, "2 months ago", "13 Sep 2026"},
		{247 * day, "8 months ago", "10 Mar 2026"},
		{800 * day, "2 years ago", "3 Sep 2024"},
	} {
		at := now.Add(-c.before)
		if got := ago(at, now); got != c.ago {
			t.Errorf("ago, %v before: %q, want %q", c.before, got, c.ago)
		}
		if got := when(at, now); got != c.when {
			t.Errorf("when, %v before: %q, want %q", c.before, got, c.when)
		}
	}
}

func TestTimesToCome(t *testing.T) {
	for _, c := range []struct {
		after time.Duration
		want  string
	}{
		{time.Second, "in a moment"},
		{time.Minute, "in 1 min"},
		{3 * time.Hour, "in 3 h"},
		{35*time.Hour + 59*time.Minute, "in 35 h"},
		{36 * time.Hour, "in 2 days"},
		{6 * day, "in 6 days"},
		{30*day - time.Second, "in 30 days"}, // just after it was chosen
		{84 * day, "in 84 days"},
		{120 * day, "12 Mar 2027"},
	} {
		if got := until(now.Add(c.after), now); got != c.want {
			t.Errorf("%v after: %q, want %q", c.after, got, c.want)
		}
	}
}

func TestExactTimesAreUTC(t *testing.T) {
	at := now.In(time.FixedZone("", 5*60*60))
	if got, want := exactTime(at), "2026-11-12 09:30:05 UTC"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got, want := machineTime(at), "2026-11-12T09:30:05Z"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
