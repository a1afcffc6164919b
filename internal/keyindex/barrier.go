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
	halted       func() error // returns why no verification may pass, or nil
	stamp        func() (workspace.Stamp, bool)
	refresh      func(context.Context) error // makes the index current
	timeout      time.Duration               // of the wait of a verification
	maxStaleness time.Duration

	last atomic.Pointer[checkpoint] // of the last refresh that succeeded

	mu         sync.Mutex
	refreshing bool           // whether the goroutine that refreshes runs
	refresher  sync.WaitGroup // that goroutine
	closed     bool
	next       *round // shared by the verifications that wait now; nil: none waits
}

// checkpoint is what was noted right before a refresh that then succeeded.
type checkpoint struct {
	stamp     workspace.Stamp
	stamped   bool
	startedAt time.Time
}

// round is shared by the verifications that wait for one refresh.
type round struct {
	limit context.Context // done when the first has waited for the timeout
	end   func()          // frees limit; the round must be answered first

	answered chan struct{} // closed once err is the outcome
	err      error
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
	case <-r.answered:
		return r.err
	case <-r.limit.Done():
		return r.outcome()
	case <-ctx.Done():
		return unavailable(ctx.Err())
	}
}

// outcome returns the outcome of a round whose limit is done. It may have been
// answered at the same moment.
func (r *round) outcome() error {
	select {
	case <-r.answered:
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
// closed. It starts another round in place of one that has timed out.
func (b *barrier) join() *round {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return nil
	}
	if b.next == nil || b.next.limit.Err() != nil {
		limit, end := context.WithTimeout(context.Background(), b.timeout)
		b.next = &round{limit: limit, end: end, answered: make(chan struct{})}
	}
	if !b.refreshing {
		b.refreshing = true
		b.refresher.Go(b.refreshRounds)
	}
	return b.next
}

// refreshRounds refreshes for one round after another, as long as any
// verification waits.
func (b *barrier) refreshRounds() {
	for {
		b.mu.Lock()
		r := b.next
		b.next = nil
		b.refreshing = r != nil
		b.mu.Unlock()
		if r == nil {
			return
		}
		r.err = b.refreshNow()
		close(r.answered)
		r.end()
		runtime.Gosched() // so that on a busy machine more verifications join the next round
	}
}

// close makes every verification fail from now on, and returns when no refresh
// runs.
func (b *barrier) close() {
	b.mu.Lock()
	b.closed = true
	b.mu.Unlock()
	b.refresher.Wait()
}

// refreshNow refreshes once, and returns the outcome for the round.
func (b *barrier) refreshNow() error {
	ctx, cancel := context.WithTimeout(context.Background(), b.timeout)
	defer cancel()
	// The stamp is noted first: a commit in between makes it differ, which
	// costs one needless refresh. Noted later, it could hide that commit.
	c := checkpoint{startedAt: time.Now()}
	c.stamp, c.stamped = b.stamp()
	if err := b.refreshRecovered(ctx); err != nil {
		if halted := b.halted(); halted != nil {
			return halted
		}
		return unavailable(err)
	}
	b.last.Store(&c)
	return nil
}

// refreshRecovered calls refresh, and returns a panic as an error: it fails one
// round and does not end the program.
func (b *barrier) refreshRecovered(ctx context.Context) (err error) {
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
