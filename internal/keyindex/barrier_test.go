package keyindex

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/keylodge/keylodge/internal/workspace"
)

func neverHalted() error { return nil }

func noStamp() (workspace.Stamp, bool) { return workspace.Stamp{}, false }

// TestBarrierSharesTheNextRefresh has verifications arrive while a refresh
// runs: they may not rely on it, and share the next one.
func TestBarrierSharesTheNextRefresh(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var refreshes atomic.Int32
		answer := make(chan error)
		b := &barrier{halted: neverHalted, stamp: noStamp, timeout: time.Minute, refresh: func(context.Context) error {
			refreshes.Add(1)
			return <-answer
		}}
		passed := make(chan error, 11)
		go func() { passed <- b.pass(t.Context()) }()
		synctest.Wait()
		for range 10 {
			go func() { passed <- b.pass(t.Context()) }()
		}
		synctest.Wait()
		if refreshes.Load() != 1 {
			t.Fatalf("%d refreshes run, want 1", refreshes.Load())
		}
		answer <- nil
		synctest.Wait()
		if len(passed) != 1 || refreshes.Load() != 2 {
			t.Fatalf(
				"%d passed with the first refresh, and there were %d refreshes, want 1 and 2",
				len(passed),
				refreshes.Load(),
			)
		}
		answer <- nil
		synctest.Wait()
		if len(passed) != 11 || refreshes.Load() != 2 {
			t.Errorf("%d passed after %d refreshes, want 11 after 2", len(passed), refreshes.Load())
		}
	})
}

func TestBarrierFailsClosedInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hang := make(chan error)
		b := &barrier{halted: neverHalted, stamp: noStamp, timeout: 500 * time.Millisecond,
			refresh: func(context.Context) error { return <-hang }}
		began := time.Now()
		err := b.pass(t.Context())
		if workspace.KindOf(err) != workspace.Unavailable || time.Since(began) != 500*time.Millisecond {
			t.Errorf("after %v: %v", time.Since(began), err)
		}
		hang <- errors.New("the database is gone")
		synctest.Wait()

		recovered := make(chan error)
		go func() { recovered <- b.pass(t.Context()) }()
		hang <- nil
		if err := <-recovered; err != nil {
			t.Errorf("the barrier does not recover: %v", err)
		}
	})
}

// TestBarrierNotesTheStampFirst commits between the stamp and the refresh,
// which costs one refresh too many and hides nothing.
func TestBarrierNotesTheStampFirst(t *testing.T) {
	var stamp workspace.Stamp
	refreshes := 0
	b := &barrier{halted: neverHalted, timeout: time.Minute,
		stamp: func() (workspace.Stamp, bool) { return stamp, true },
		refresh: func(context.Context) error {
			if refreshes++; refreshes == 1 {
				stamp[0]++ // a commit while the refresh runs
			}
			return nil
		}}
	for _, want := range []int{1, 2, 2, 2} {
		if err := b.pass(t.Context()); err != nil || refreshes != want {
			t.Fatalf("%d refreshes (%v), want %d", refreshes, err, want)
		}
	}
	stamp[5]++
	if b.pass(t.Context()); refreshes != 3 {
		t.Error("a commit went unnoticed")
	}
}

func TestBarrierMaxStaleness(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		refreshes := 0
		b := &barrier{halted: neverHalted, stamp: noStamp, timeout: time.Minute, maxStaleness: time.Second,
			refresh: func(context.Context) error { refreshes++; return nil }}
		for _, step := range []struct {
			wait time.Duration
			want int
		}{{0, 1}, {time.Second, 1}, {time.Nanosecond, 2}} {
			time.Sleep(step.wait) // of the test's own clock
			if err := b.pass(t.Context()); err != nil || refreshes != step.want {
				t.Fatalf("%d refreshes (%v), want %d", refreshes, err, step.want)
			}
		}
	})
}

// TestBarrierPanics panics in a refresh: what waits for it fails, and nothing
// else.
func TestBarrierPanics(t *testing.T) {
	refreshes := 0
	b := &barrier{halted: neverHalted, stamp: noStamp, timeout: time.Minute, refresh: func(context.Context) error {
		if refreshes++; refreshes == 1 {
			panic("a fault of ours")
		}
		return nil
	}}
	if err := b.pass(t.Context()); workspace.KindOf(err) != workspace.Unavailable {
		t.Errorf("got %v, want an unavailable error", err)
	}
	if err := b.pass(t.Context()); err != nil {
		t.Errorf("the next verification: %v", err)
	}
}

// A closed barrier waits for its question, and lets nothing pass.
func TestBarrierCloses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		answer := make(chan error)
		b := &barrier{halted: neverHalted, stamp: noStamp, timeout: time.Minute,
			refresh: func(context.Context) error { return <-answer }}
		passed := make(chan error, 1)
		go func() { passed <- b.pass(t.Context()) }()
		synctest.Wait()
		closed := make(chan struct{})
		go func() { b.close(); close(closed) }()
		synctest.Wait()
		select {
		case <-closed:
			t.Fatal("closed while a question is in flight")
		default:
		}
		answer <- nil
		<-closed
		if err := <-passed; err != nil {
			t.Errorf("the one that waited: %v", err)
		}
		if err := b.pass(t.Context()); workspace.KindOf(err) != workspace.Unavailable {
			t.Errorf("after it was closed: %v", err)
		}
	})
}

// TestBarrierHalts replaces the database: nothing passes from then on, whatever
// was current before.
func TestBarrierHalts(t *testing.T) {
	var halted error
	b := &barrier{
		halted: func() error { return halted }, timeout: time.Minute, maxStaleness: time.Hour,
		stamp:   func() (workspace.Stamp, bool) { return workspace.Stamp{}, true },
		refresh: func(context.Context) error { return nil },
	}
	if err := b.pass(t.Context()); err != nil {
		t.Fatal(err)
	}
	halted = &workspace.Error{Kind: workspace.Unavailable, Message: "Restart it."}
	if err := b.pass(t.Context()); !errors.Is(err, halted) {
		t.Errorf("got %v, want %v", err, halted)
	}
}

func TestLoadingPanics(t *testing.T) {
	key := func(into workspace.FactSink) (int64, error) {
		for range 10 * batchLength {
			into.Key(workspace.KeyFact{})
		}
		return 7, nil
	}
	if _, err := load(nil, key); err == nil { // there is no table to fill
		t.Error("no error")
	}
	failed := errors.New("the database is gone")
	if _, err := load(newTable(), func(workspace.FactSink) (int64, error) { return 0, failed }); !errors.Is(err,
		failed) {
		t.Errorf("got %v, want %v", err, failed)
	}
	if number, err := load(newTable(), key); number != 7 || err != nil {
		t.Errorf("number %d, %v", number, err)
	}
}
