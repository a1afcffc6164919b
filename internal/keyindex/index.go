// Package keyindex verifies keys from memory, and is never out of date.
//
// It holds the digest and the state of every key, and follows the database by
// its change numbers. A verification first passes the freshness barrier: it
// sees every change that was committed before it began, by any process. So
// verifications are linearizable, at the cost of one query that all of them
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
	// MaxStaleness is how long ago the index may have been current for a
	// verification to rely on it. 0, the default, requires a current one.
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
	change  int64 // the number of the last change in table; only a refresh writes it
	partial bool  // a panic left the table half changed; only the refresh uses it
}

// loadLimit ends a load when the database no longer answers.
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
	Found        bool // the key exists, whatever the decision; only then are the other fields set
	KeyID        [workspace.IDBytes]byte
	SecretNumber int // of the secret presented; 0 for the first of the key
	KeyName      string
	Owner        *Member
	Limits       *Limits         // nil: none
	ExpiresAt    time.Time       // zero: never
	Quota        ratelimit.Quota // what is left of the key's rate; zero: it has none, or was refused otherwise
}

// View is an index that was current at a moment.
type View struct{ x *Index }

// Current returns a view that shows every change that was committed before
// Current was called, by any process. Its error, always of kind Unavailable,
// means that the index can't be shown to be current: the key must be refused.
func (x *Index) Current(ctx context.Context) (View, error) {
	return View{x}, x.barrier.pass(ctx)
}

// Verify decides whether a key may be used. A key of a workspace other than the
// one that the request names is not found. Verifications of keys that exist are
// counted.
func (v View) Verify(q Request) Result {
	digest := q.Secret.Digest()
	a := v.x.lookup(&digest, q)
	if a.Found {
		v.x.usage.record(&a, &q)
	}
	return a
}

// lookup decides a request. Its digest is passed in so that it is computed
// outside the lock.
func (x *Index) lookup(digest *secret.Digest, q Request) Result {
	x.mu.RLock()
	defer x.mu.RUnlock()
	r, at := x.table.find(digest)
	if r == nil {
		return notFound
	}
	return x.table.decide(r, at, &q)
}

// catchUp makes the index current with what is committed when it is called.
func (x *Index) catchUp(ctx context.Context) error {
	newest, err := x.store.ChangeNumber(ctx)
	if err != nil || newest == x.change && !x.partial {
		return err
	}
	// From here on the work may take longer than verifications wait. They time
	// out on their own.
	ctx, cancel := context.WithTimeout(x.life, loadLimit)
	defer cancel()
	if x.partial {
		return x.reload(ctx)
	}
	var news facts
	change, err := x.store.FactsSince(ctx, x.change, &news)
	if errors.Is(err, workspace.ErrChangesGone) {
		return x.reload(ctx)
	}
	if err != nil {
		return err
	}
	x.partial = true
	x.apply(&news, change)
	x.partial = false
	return nil
}

// apply brings the table up to a change. Only one refresh at a time calls it,
// so it may read the table without the lock, and do the slow part while
// verifications go on.
func (x *Index) apply(news *facts, change int64) {
	t := x.table
	news.prepare(t)
	t.findRotated(news)
	slots, mask := t.slots, t.mask
	if t.full(news.records()) {
		slots, mask = t.grown(news.records())
	}
	x.replay(news, slots, mask, change)
	t.grants.forget()
}

func (x *Index) replay(news *facts, slots []uint64, mask uint64, change int64) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.table.slots, x.table.mask = slots, mask
	news.replay(x.table)
	x.change = change
}

func (x *Index) reload(ctx context.Context) error {
	fresh := newTable()
	change, err := load(fresh, func(into workspace.FactSink) (int64, error) { return x.store.AllFacts(ctx, into) })
	if err != nil {
		return err
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	x.table, x.change, x.partial = fresh, change, false
	return nil
}
