package ratelimit

import (
	"math/rand/v2"
	"testing"
	"time"
)

func TestParse(t *testing.T) {
	for text, want := range map[string]Rate{
		"100/1m": {100, time.Minute}, "1/1s": {1, time.Second}, "5/90s": {5, 90 * time.Second}, "10/s": {10,
			time.Second},
		"7/1h30m": {7, 90 * time.Minute}, "1000000/24h": {1_000_000, 24 * time.Hour},
	} {
		got, message := Parse(text)
		again, _ := Parse(got.String())
		if got != want || message != "" || again != want {
			t.Errorf("%q → %v %q, and back %v", text, got, message, again)
		}
	}
	for _, text := range []string{
		"", "100", "/1m", "100/", "0/1m", "-1/1m", "1000001/1m", "1/0s", "1/100ms", "1/1500ms", "1/25h", "1/-1s",
		"x/1m",
		"1/x", "1/1m/1m", "1e3/1m", "9999999999999999999/1m",
	} {
		if got, message := Parse(text); message == "" || got != (Rate{}) {
			t.Errorf("%q is parsed as %v", text, got)
		}
	}
}

// A client gets a full window at once and then one request each
// Window/Requests, never more. A client within the rate is never refused.
func TestTakeKeepsToTheRate(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for _, rate := range []Rate{
		{1, time.Second}, {2, time.Minute}, {100, time.Minute}, {3, 7 * time.Second}, {1_000_000, time.Second},
		{900_000, time.Second},
	} {
		full, now := int64(0), time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC).UnixNano()
		began, passed := now, int64(0)
		for range 50_000 {
			now += random.Int64N(int64(rate.Window) / int64(rate.Requests))
			next, quota, ok := rate.Take(full, now)
			full = next
			if ok {
				passed++
			}
			each := int64(rate.Window) / int64(rate.Requests)
			if most := int64(rate.Requests) + (now-began)/each; passed > most {
				t.Fatalf("%v: %d passed, at most %d may", rate, passed, most)
			}
			switch {
			case ok && (quota.RetryAfter != 0 || quota.Remaining < 0 || quota.Remaining >= rate.Requests):
				t.Fatalf("%v: passed with %+v", rate, quota)
			case !ok && (quota.RetryAfter <= 0 || quota.RetryAfter > rate.Window || quota.Remaining != 0):
				t.Fatalf("%v: refused with %+v", rate, quota)
			case quota.Reset > rate.Window:
				t.Fatalf("%v: reset in %v", rate, quota.Reset)
			}
			if !ok {
				if _, _, then := rate.Take(full, now+int64(quota.RetryAfter)); !then {
					t.Fatalf("%v: refused after a wait of %v", rate, quota.RetryAfter)
				}
			}
		}
		full = 0
		for range 3 * rate.Requests % 10_000 {
			now += int64(rate.Window)/int64(rate.Requests) + 1
			next, _, ok := rate.Take(full, now)
			if full = next; !ok {
				t.Fatalf("%v: refused within the rate", rate)
			}
		}
	}
}

func TestTakeWhenTheClockGoesBack(t *testing.T) {
	rate := Rate{1, time.Minute}
	now := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	full, _, _ := rate.Take(0, now.UnixNano())
	_, quota, ok := rate.Take(full, now.AddDate(-1, 0, 0).UnixNano())
	if ok || quota.RetryAfter > time.Minute {
		t.Errorf("a year back: %v, wait %v", ok, quota.RetryAfter)
	}
}

func TestAllowsMoreThan(t *testing.T) {
	none, minute, day := Rate{}, Rate{100, time.Minute}, Rate{1_000_000, 24 * time.Hour}
	for name, tt := range map[string]struct {
		r, other Rate
		want     bool
	}{
		"no limit, and a limit":     {none, minute, true},
		"a limit, and no limit":     {minute, none, false},
		"the same":                  {minute, minute, false},
		"more in the same window":   {Rate{101, time.Minute}, minute, true},
		"fewer in the same window":  {Rate{99, time.Minute}, minute, false},
		"as many, sooner":           {Rate{100, 59 * time.Second}, minute, true},
		"as many, later":            {Rate{100, time.Hour}, minute, false},
		"a smaller burst, faster":   {Rate{2, time.Second}, minute, true},
		"a larger burst, slower":    {Rate{1000, time.Hour}, minute, true},
		"the largest, and fewer":    {day, Rate{999_999, 24 * time.Hour}, true},
		"fewer than the largest":    {Rate{999_999, 24 * time.Hour}, day, false},
		"the largest burst, sooner": {Rate{1_000_000, time.Second}, day, true},
	} {
		if got := tt.r.AllowsMoreThan(tt.other); got != tt.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
