package workspace

import (
	"math/rand/v2"
	"testing"
	"time"
)

func TestParseRate(t *testing.T) {
	for text, want := range map[string]Rate{
		"100/1m": {100, time.Minute}, "1/1s": {1, time.Second}, "5/90s": {5, 90 * time.Second}, "10/s": {10, time.Second},
		"7/1h30m": {7, 90 * time.Minute}, "1000000/24h": {1_000_000, 24 * time.Hour},
	} {
		got, message := ParseRate(text)
		again, _ := ParseRate(got.String())
		if got != want || message != "" || again != want {
			t.Errorf("%q → %v %q, and back %v", text, got, message, again)
		}
	}
	for _, text := range []string{"", "100", "/1m", "100/", "0/1m", "-1/1m", "1000001/1m", "1/0s", "1/100ms", "1/1500ms", "1/25h", "1/-1s", "x/1m", "1/x", "1/1m/1m", "1e3/1m", "9999999999999999999/1m"} {
		if got, message := ParseRate(text); message == "" || got != (Rate{}) {
			t.Errorf("%q is taken for %v", text, got)
		}
	}
}

// In any window no more than a full window's requests and those that it has
// earned meanwhile get through, and who keeps to the rate is never refused.
func TestTakeKeepsToTheRate(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for _, rate := range []Rate{{1, time.Second}, {2, time.Minute}, {100, time.Minute}, {3, 7 * time.Second}, {1_000_000, time.Second}, {900_000, time.Second}} {
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
					t.Fatalf("%v: who waits %v is refused", rate, quota.RetryAfter)
				}
			}
		}
		full = 0
		for range 3 * rate.Requests % 10_000 {
			now += int64(rate.Window)/int64(rate.Requests) + 1
			next, _, ok := rate.Take(full, now)
			if full = next; !ok {
				t.Fatalf("%v: who keeps to it is refused", rate)
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
