package keyindex

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/keylodge/keylodge/workspace"
)

func noStamp() (workspace.Stamp, bool) { return workspace.Stamp{}, false }

// A check that arrives while a question is in flight may not use its answer; all that arrive meanwhile share
// the next one.
func TestBarrierSharesTheNextQuestion(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var asked atomic.Int32
		answer := make(chan error)
		b := &barrier{stamp: noStamp, limit: time.Minute, ask: func(context.Context) error {
			asked.Add(1)
			return <-answer
		}}
		passed := make(chan error, 11)
		go func() { passed <- b.pass(t.Context()) }()
		synctest.Wait()
		for range 10 {
			go func() { passed <- b.pass(t.Context()) }()
		}
		synctest.Wait()
		if asked.Load() != 1 {
			t.Fatalf("%d questions are in flight, want 1", asked.Load())
		}
		answer <- nil
		synctest.Wait()
		if len(passed) != 1 || asked.Load() != 2 {
			t.Fatalf("%d checks passed with the first answer and %d questions were asked, want 1 and 2", len(passed), asked.Load())
		}
		answer <- nil
		synctest.Wait()
		if len(passed) != 11 || asked.Load() != 2 {
			t.Errorf("%d checks passed after %d questions, want 11 after 2", len(passed), asked.Load())
		}
	})
}

func TestBarrierFailsClosedInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hang := make(chan error)
		b := &barrier{stamp: noStamp, limit: 500 * time.Millisecond, ask: func(context.Context) error { return <-hang }}
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

// A commit between the stamp and the answer costs a question too many, and hides nothing.
func TestBarrierNotesTheStampBeforeItAsks(t *testing.T) {
	var stamp workspace.Stamp
	asked := 0
	b := &barrier{limit: time.Minute, stamp: func() (workspace.Stamp, bool) { return stamp, true }, ask: func(context.Context) error {
		if asked++; asked == 1 {
			stamp[0]++ // somebody commits while the answer is on its way
		}
		return nil
	}}
	for _, want := range []int{1, 2, 2, 2} {
		if err := b.pass(t.Context()); err != nil || asked != want {
			t.Fatalf("%d questions (%v), want %d", asked, err, want)
		}
	}
	stamp[5]++
	if b.pass(t.Context()); asked != 3 {
		t.Error("a commit went unnoticed")
	}
}

func TestBarrierMaxStaleness(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asked := 0
		b := &barrier{stamp: noStamp, limit: time.Minute, maxStaleness: time.Second, ask: func(context.Context) error { asked++; return nil }}
		for _, step := range []struct {
			wait time.Duration
			want int
		}{{0, 1}, {time.Second, 1}, {time.Nanosecond, 2}} {
			time.Sleep(step.wait) // of the test's own clock
			if err := b.pass(t.Context()); err != nil || asked != step.want {
				t.Fatalf("%d questions (%v), want %d", asked, err, step.want)
			}
		}
	})
}
