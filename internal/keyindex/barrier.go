package keyindex

import (
	"cmp"
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

// barrier lets a check pass once everything that was committed before the check
// arrived is in the index.
//
// One question is in flight at a time. A check that arrives during it can't use
// its answer, which may have been read before the check began; all that arrive
// meanwhile share the next one.
type barrier struct {
	halted       func() error // why no check may pass any more
	stamp        func() (workspace.Stamp, bool)
	ask          func(context.Context) error // makes the index current
	limit        time.Duration
	maxStaleness time.Duration

	proof atomic.Pointer[proof] // of the last answer

	mu      sync.Mutex
	running bool           // there is a goroutine that asks
	asking  sync.WaitGroup // that goroutine
	closed  bool
	next    *round // what the checks that wait now will share; nil: nobody waits
}

// proof is what was noted before a question that has been answered since.
type proof struct {
	stamp   workspace.Stamp
	stamped bool
	asked   time.Time
}

// round is what the checks that wait for one question share.
type round struct {
	context.Context        // ends when the first check has waited long enough, or the question is answered
	end             func() // ends it

	done chan struct{} // closed once err is the answer
	err  error
}

// pass returns nil when the index is current as of the call, or an
// [workspace.Error] of kind Unavailable.
func (b *barrier) pass(ctx context.Context) error {
	if err := b.halted(); err != nil {
		return err
	}
	if b.proven() {
		return nil
	}
	r := b.join()
	if r == nil {
		return unproven(errClosed)
	}
	select {
	case <-r.done:
		return r.err
	case <-r.Done():
		return r.outcome()
	case <-ctx.Done():
		return unproven(ctx.Err())
	}
}

// outcome returns the answer, if it came before the round ended.
func (r *round) outcome() error {
	select {
	case <-r.done:
		return r.err
	default:
		return unproven(context.DeadlineExceeded)
	}
}

var errClosed = errors.New("the index is closed")

// proven says whether nothing has been committed since the last answer, or not
// for longer than allowed.
func (b *barrier) proven() bool {
	last := b.proof.Load()
	if last == nil {
		return false
	}
	if last.stamped {
		if now, ok := b.stamp(); ok && now == last.stamp {
			return true
		}
	}
	return b.maxStaleness > 0 && time.Since(last.asked) <= b.maxStaleness
}

// join returns the round that the next question is for, and nil once the
// barrier is closed. A round that has ended without an answer is left to those
// who wait in it.
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
		b.asking.Go(b.run)
	}
	return b.next
}

// run asks, one round after another, as long as anyone waits.
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
		r.err = b.question()
		close(r.done)
		r.end()
		runtime.Gosched() // on a busy machine, those who are about to ask join the next round rather than the one after
	}
}

// close lets no check pass from now on, and returns when no question is in
// flight.
func (b *barrier) close() {
	b.mu.Lock()
	b.closed = true
	b.mu.Unlock()
	b.asking.Wait()
}

func (b *barrier) question() error {
	ctx, cancel := context.WithTimeout(context.Background(), b.limit)
	defer cancel()
	// The stamp is noted before asking: a commit in between makes it differ,
	// and costs a question too many. Noted after, it could hide that commit.
	p := proof{asked: time.Now()}
	p.stamp, p.stamped = b.stamp()
	if err := b.guarded(ctx); err != nil {
		return cmp.Or(b.halted(), unproven(err))
	}
	b.proof.Store(&p)
	return nil
}

// guarded asks. A panic refuses the checks that wait, and no others.
func (b *barrier) guarded(ctx context.Context) (err error) {
	defer func() {
		if r := recover(); r != nil {
			b.proof.Store(nil)
			err = fmt.Errorf("panic: %v\n%s", r, debug.Stack())
		}
	}()
	return b.ask(ctx)
}

func unproven(cause error) error {
	return &workspace.Error{
		Kind: workspace.Unavailable, RetryAfter: time.Second, Cause: cause,
		Message: "Keylodge can’t reach its database, so it can’t say whether this key is still good.",
	}
}
