package keyindex

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/keylodge/keylodge/internal/workspace"
)

// barrier lets a verification pass once everything that was committed before it
// arrived is in the index.
//
// One refresh runs at a time. A verification that arrives while it runs can't
// rely on it, as it may have read the database before the verification began;
// all that arrive meanwhile share the next refresh.
type barrier struct {
	halted       func() error // returns why nothing may pass any more, or nil
	stamp        func() (workspace.Stamp, bool)
	refresh      func(context.Context) error // makes the index current
	limit        time.Duration
	maxStaleness time.Duration

	last atomic.Pointer[checkpoint] // of the last refresh that succeeded

	mu      sync.Mutex
	running bool           // the goroutine that refreshes
	runner  sync.WaitGroup // that goroutine
	closed  bool
	next    *round // that what waits now will share; nil: nothing waits
}

// checkpoint is what was noted before a refresh that has succeeded since.
type checkpoint struct {
	stamp     workspace.Stamp
	stamped   bool
	startedAt time.Time
}

// round is shared by the verifications that wait for one refresh.
type round struct {
	context.Context        // ends when the first has waited for the limit, or the refresh has ended
	end             func() // ends it

	done chan struct{} // closed once err is the outcome
	err  error
}

// pass returns nil when the index is current as of the call, or an
// [workspace.Error] of kind Unavailable.
func (b *barrier) pass(ctx context.Context) error {
	if err := b.halted(); err != nil {
		return err
	}
	if b.current() {
		return nil
	}
	r := b.join()
	if r == nil {
		return unavailable(errClosed)
	}
	select {
	case <-r.done:
		return r.err
	case <-r.Done():
		return r.outcome()
	case <-ctx.Done():
		return unavailable(ctx.Err())
	}
}

// outcome returns the outcome, if there was one before the round ended.
func (r *round) outcome() error {
	select {
	case <-r.done:
		return r.err
	default:
		return unavailable(context.DeadlineExceeded)
	}
}

var errClosed = errors.New("the index is closed")

// current reports whether nothing has been committed since the last refresh, or
// the refresh is recent enough.
func (b *barrier) current() bool {
	last := b.last.Load()
	if last == nil {
		return false
	}
	if last.stamped {
		if now, ok := b.stamp(); ok && now == last.stamp {
			return true
		}
	}
	return b.maxStaleness > 0 && time.Since(last.startedAt) <= b.maxStaleness
}

// join returns the round of the next refresh, or nil once the barrier is
// closed. A round that ended without an outcome is left to what waits in it.
func (b *barrier) join() *round {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return nil
	}
	if b.next == nil || b.next.Err() != nil {
		ctx, end := context.WithTimeout(context.Background(), b.limit)
		b.next = &round{Context: ctx, end: end, done: make(chan struct{})}
	}
	if !b.running {
		b.running = true
		b.runner.Go(b.run)
	}
	return b.next
}

// run refreshes, one round after another, as long as anything waits.
func (b *barrier) run() {
	for {
		b.mu.Lock()
		r := b.next
		b.next = nil
		b.running = r != nil
		b.mu.Unlock()
		if r == nil {
			return
		}
		r.err = b.refreshOnce()
		close(r.done)
		r.end()
		runtime.Gosched() // so that on a busy machine more verifications join the next round
	}
}

// close lets nothing pass from now on, and returns when no refresh runs.
func (b *barrier) close() {
	b.mu.Lock()
	b.closed = true
	b.mu.Unlock()
	b.runner.Wait()
}

func (b *barrier) refreshOnce() error {
	ctx, cancel := context.WithTimeout(context.Background(), b.limit)
	defer cancel()
	// The stamp is noted first: a commit in between makes it differ, which
	// costs one refresh too many. Noted after, it could hide that commit.
	p := checkpoint{startedAt: time.Now()}
	p.stamp, p.stamped = b.stamp()
	if err := b.guarded(ctx); err != nil {
		if halted := b.halted(); halted != nil {
			return halted
		}
		return unavailable(err)
	}
	b.last.Store(&p)
	return nil
}

// guarded refreshes. A panic fails this round, and no other.
func (b *barrier) guarded(ctx context.Context) (err error) {
	defer func() {
		if r := recover(); r != nil {
			b.last.Store(nil)
			err = fmt.Errorf("panic: %v\n%s", r, debug.Stack())
		}
	}()
	return b.refresh(ctx)
}

func unavailable(cause error) error {
	return &workspace.Error{
		Kind: workspace.Unavailable, RetryAfter: time.Second, Cause: cause,
		Message: "Keylodge can’t reach its database, so it can’t say whether this key is still good.",
	}
}
