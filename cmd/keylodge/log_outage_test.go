package main

import (
	"bytes"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/keylodge/keylodge/internal/workspace"
)

func TestAnOutageIsLoggedOnce(t *testing.T) {
	var out bytes.Buffer
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	log := slog.New(newOutageHandler(slog.NewTextHandler(&out, nil), func() time.Time { return now })).With("node", 1)
	halted := &workspace.Error{Kind: workspace.Unavailable, Message: "The database was replaced."}
	locked := &workspace.Error{Kind: workspace.Unavailable, Message: "The database is locked."}
	lines := func() int {
		n := strings.Count(out.String(), "\n")
		out.Reset()
		return n
	}
	for range 100 {
		log.Error("jobs unavailable; will retry", "error", halted)
		now = now.Add(time.Second)
	}
	if n := lines(); n != 1 {
		t.Errorf("an outage of 100 seconds was logged %d times", n)
	}
	log.Error("jobs unavailable; will retry", "error", locked)
	log.Error("outbox unreadable; will retry", "error", locked)
	if n := lines(); n != 2 {
		t.Errorf("another cause, and another job: %d lines", n)
	}
	now = now.Add(2 * time.Minute)
	log.Error("jobs unavailable; will retry", "error", halted)
	if n := lines(); n != 1 {
		t.Errorf("the next outage: %d lines", n)
	}
	for range 2 {
		log.Error("job step failed; will retry", "error", errors.New("a fault"))
	}
	if n := lines(); n != 2 {
		t.Errorf("two faults: %d lines", n)
	}
}
