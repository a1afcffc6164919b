// Package keyindex verifies keys from memory, and is never out of date.
//
// It holds the digest and the state of every key, and follows the database by
// its change numbers. A verification first passes the freshness barrier: it
// sees every change that was committed before it began, by whichever process.
// So verifications are linearizable, at the cost of one query that all of them
// share.
package keyindex

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/keylodge/keylodge/internal/ratelimit"
	"github.com/keylodge/keylodge/internal/secret"
	"github.com/keylodge/keylodge/internal/workspace"
)

// Options configure an index. Zero fields mean the defaults.
type Options struct {
	// MaxStaleness lets a verification rely on an index that was current this
	// long ago. 0, the default, requires a current one.
	MaxStaleness time.Duration
	// VerifyTimeout is how long a verification waits for the database before it
	// fails as Unavailable. Default 500 ms.
	VerifyTimeout time.Duration
}

// Index verifies keys, and counts their use. It is safe for concurrent use.
type Index struct {
	store   Store
	barrier barrier
	usage   *usage
	life    context.Context // ends with Close
	end     func()

	mu      sync.RWMutex
	table   *table
	number  int64 // the change number up to which table is complete; only the barrier's refresh writes it
	partial bool  // a panic left the table half changed; only the refresh uses it
}

// loadLimit ends a load when the database has stopped to answer.
const loadLimit = time.Minute

// Open returns an index of all keys in a store. Close must be called.
func Open(ctx context.Context, store Store, o Options) (*Index, error) {
	if o.VerifyTimeout == 0 {
		o.VerifyTimeout = 500 * time.Millisecond
	}
	x := &Index{store: store, usage: newUsage()}
	x.life, x.end = context.WithCancel(context.WithoutCancel(ctx))
	x.barrier = barrier{
		halted: store.Halted, stamp: store.Stamp, refresh: x.catchUp,
		timeout: o.VerifyTimeout, maxStaleness: o.MaxStaleness,
	}
	return x, x.reload(ctx)
}

// Close makes every verification fail from now on, and waits for the index's
// goroutines. Usage can still be flushed.
func (x *Index) Close() {
	x.end()
	x.barrier.close()
}

// Refresh tells the index that the database has changed, and returns at once.
// The index catches up in the background, so the next verification has less to
// wait for; with MaxStaleness, it no longer relies on what it knew before.
func (x *Index) Refresh() {
	x.barrier.last.Store(nil)
	x.barrier.join()
}

// Request asks whether a key may be used.
type Request struct {
	workspace.Attempt
	Secret secret.Secret
	Slug   string // of the workspace that must have the key; empty: any
	Agent  string // the User-Agent of the client
}

// Result is the outcome of a verification.
type Result struct {
	Decision     workspace.Decision
	Found        bool // the key exists, whatever the decision; the other fields are set only then
	KeyID        [workspace.IDBytes]byte
	SecretNumber int // of the secret presented; 0 for the first of the key
	KeyName      string
	Owner        *Member
	Limits       *Limits         // nil: none
	ExpiresAt    time.Time       // zero: never
	Quota        ratelimit.Quota // of a key with a rate that was let through or turned away by it; else zero
}

// View is an index that was current at a moment.
type View struct{ x *Index }

// Current returns a view that shows every change that was committed before
// Current was called, by whichever process. Its error, always of kind
// Unavailable, means that no such view can be had: the key must be refused.
func (x *Index) Current(ctx context.Context) (View, error) {
	return View{x}, x.barrier.pass(ctx)
}

// Verify decides whether a key may be used. A key of another workspace than the
// request names does not exist. Verifications of a key that exists are counted.
func (v View) Verify(q Request) Result {
	digest := q.Secret.Digest()
	a := v.x.lookup(&digest, q)
	if a.Found {
		v.x.usage.record(&a, &q)
	}
	return a
}

func (x *Index) lookup(digest *secret.Digest, q Request) Result {
	x.mu.RLock()
	defer x.mu.RUnlock()
	r, number := x.table.find(digest)
	if r == nil {
		return notFound
	}
	return x.table.answer(r, number, &q)
}

// catchUp makes the index current with what is committed when it is called.
func (x *Index) catchUp(ctx context.Context) error {
	newest, err := x.store.ChangeNumber(ctx)
	if err != nil || newest == x.number && !x.partial {
		return err
	}
	// From here on the work may take longer than a verification waits. Those
	// that wait give up by themselves.
	ctx, cancel := context.WithTimeout(x.life, loadLimit)
	defer cancel()
	if x.partial {
		return x.reload(ctx)
	}
	var news facts
	number, err := x.store.FactsSince(ctx, x.number, &news)
	if errors.Is(err, workspace.ErrChangesGone) {
		return x.reload(ctx)
	}
	if err != nil {
		return err
	}
	x.partial = true
	x.apply(&news, number)
	x.partial = false
	return nil
}

// apply brings the table up to a change number. Only one refresh at a time
// calls it, so it may read the table without the lock, and do the slow part
// while verifications go on.
func (x *Index) apply(news *facts, number int64) {
	t := x.table
	news.prepare(t)
	t.findRotated(news)
	slots, mask := t.slots, t.mask
	if t.full(news.records()) {
		slots, mask = t.grown(news.records())
	}
	x.replay(news, slots, mask, number)
	t.grants.forget()
}

func (x *Index) replay(news *facts, slots []uint64, mask uint64, number int64) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.table.slots, x.table.mask = slots, mask
	news.replay(x.table)
	x.number = number
}

func (x *Index) reload(ctx context.Context) error {
	fresh := newTable()
	number, err := load(fresh, func(into workspace.FactSink) (int64, error) { return x.store.AllFacts(ctx, into) })
	if err != nil {
		return err
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	x.table, x.number, x.partial = fresh, number, false
	return nil
}
