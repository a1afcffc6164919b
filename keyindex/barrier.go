package keyindex

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/keylodge/keylodge/workspace"
)

// barrier lets a check pass once everything that was committed before the check arrived is in the index.
//
// One question is in flight at a time. A check that arrives during it can't use its answer, which may have
// been read before the check began; all that arrive meanwhile share the next one.
type barrier struct {
	stamp        func() (workspace.Stamp, bool)
	ask          func(context.Context) error // makes the index current
	limit        time.Duration
	maxStaleness time.Duration

	proof atomic.Pointer[proof] // of the last answer

	mu      sync.Mutex
	running bool
	next    *round // what the checks that wait now will share; nil: nobody waits
}

// proof is what was noted before a question that has been answered since.
type proof struct {
	stamp   workspace.Stamp
	stamped bool
	asked   time.Time
}

// round is what the checks that wait for one question share. It is over, once, when that is answered or when its first check has
// waited long enough.
type round struct {
	done   chan struct{} // closed when it is over
	over   sync.Once
	err    error
	expiry *time.Timer
}

func (r *round) end(err error) {
	r.over.Do(func() {
		r.expiry.Stop()
		r.err = err
		close(r.done)
	})
}

// pass returns nil when the index is current as of the call, or an [workspace.Error] of kind Unavailable.
func (b *barrier) pass(ctx context.Context) error {
	if b.proven() {
		return nil
	}
	r := b.join()
	select {
	case <-r.done:
		return r.err
	case <-ctx.Done():
		return unproven(ctx.Err())
	}
}

// proven says whether nothing has been committed since the last answer, or not for longer than allowed.
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

// join returns the round that the next question is for.
func (b *barrier) join() *round {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.next == nil {
		r := &round{done: make(chan struct{})}
		r.expiry = time.AfterFunc(b.limit, func() { b.expire(r) })
		b.next = r
	}
	if !b.running {
		b.running = true
		go b.run()
	}
	return b.next
}

// expire ends a round that has waited long enough. Who comes after it waits in another one.
func (b *barrier) expire(r *round) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.next == r {
		b.next = nil
	}
	r.end(unproven(context.DeadlineExceeded))
}

// run asks, one round after another, as long as somebody waits.
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
		r.end(b.question())
		runtime.Gosched() // on a busy machine, those who are about to ask join the next round rather than the one after
	}
}

func (b *barrier) question() error {
	ctx, cancel := context.WithTimeout(context.Background(), b.limit)
	defer cancel()
	// The stamp is noted before asking: a commit in between makes it differ, and costs a question too many.
	// Noted after, it could hide that commit.
	p := proof{asked: time.Now()}
	p.stamp, p.stamped = b.stamp()
	if err := b.ask(ctx); err != nil {
		return unproven(err)
	}
	b.proof.Store(&p)
	return nil
}

func unproven(cause error) error {
	return &workspace.Error{
		Kind: workspace.Unavailable, RetryAfter: time.Second, Cause: cause,
		Message: "Keylodge can’t reach its database, so it can’t say whether this key is still good.",
	}
}
