// Package keyindex answers "is this key good?" from memory, and is never out of
// date.
//
// It holds every key's digest and standing, and keeps itself current by the
// database's change numbers. A check first passes the freshness barrier: it
// sees every change that was committed before the check began, by whichever
// process. So a check is linearizable, at the cost of one question shared by
// all checks in flight.
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

// Options are what an index may be told. Zero fields mean the defaults.
type Options struct {
	// MaxStaleness lets a check use an answer up to this old. 0, the default,
	// lets it use none but a current one.
	MaxStaleness time.Duration
	// VerifyTimeout is how long a check waits for the database before it is refused
	// as Unavailable. Default 500 ms.
	VerifyTimeout time.Duration
}

// Index is safe for use by many goroutines at once.
type Index struct {
	store   Store
	barrier barrier
	usage   *usage
	life    context.Context // ends with Close
	end     func()

	mu     sync.RWMutex
	table  *table
	number int64 // the change number up to which table is complete; only the barrier's round writes it
	torn   bool  // a panic has left the table half changed; only the round reads and writes it
}

// loadLimit ends a load whose database has gone away without a word.
const loadLimit = time.Minute

// Open loads the index whole.
func Open(ctx context.Context, store Store, o Options) (*Index, error) {
	if o.VerifyTimeout == 0 {
		o.VerifyTimeout = 500 * time.Millisecond
	}
	x := &Index{store: store, usage: newUsage()}
	x.life, x.end = context.WithCancel(context.WithoutCancel(ctx))
	x.barrier = barrier{halted: store.Halted, stamp: store.Stamp, ask: x.catchUp, limit: o.VerifyTimeout,
		maxStaleness: o.MaxStaleness}
	return x, x.reload(ctx)
}

// Close refuses every check from now on, and returns when nothing of the index
// runs any more. Usage can still be flushed.
func (x *Index) Close() {
	x.end()
	x.barrier.close()
}

// Request is what is asked about a key.
type Request struct {
	workspace.Attempt
	Secret secret.Secret
	Slug   string // the workspace that must have the key; empty: any
	Agent  string // the User-Agent of who uses it
}

// Result is what a check came to.
type Result struct {
	Decision  workspace.Decision
	Found     bool // there is such a key; what follows means something only then, whatever the decision
	KeyID     [workspace.IDBytes]byte
	Secret    int // the number of the key's secret that was presented
	KeyName   string
	Owner     *Member
	Limits    *Limits         // nil: none
	ExpiresAt time.Time       // zero: never
	Quota     ratelimit.Quota // of a key with a rate that was let through or turned away by it; else zero
}

// View is the index, proven to be current at some moment.
type View struct{ x *Index }

// Current returns a view that shows every change which was committed before
// Current was called, by whichever process. The error, always of kind
// Unavailable, means that this can't be proven: whatever was to be checked must
// be refused.
func (x *Index) Current(ctx context.Context) (View, error) {
	return View{x}, x.barrier.pass(ctx)
}

// Verify says whether a key may be used as asked, and whose it is. A key of
// another workspace than the one asked about is no key at all. The check of a
// key that there is, is counted.
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
	if err != nil || newest == x.number && !x.torn {
		return err
	}
	// From here on the work may take longer than a check waits; those that wait
	// give up by themselves.
	ctx, cancel := context.WithTimeout(x.life, loadLimit)
	defer cancel()
	if x.torn {
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
	x.torn = true
	x.apply(&news, number)
	x.torn = false
	return nil
}

// apply brings the table up to a change number. Only one round at a time calls
// it, so it may read the table without the lock, and do what takes long while
// checks go on.
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
	x.table, x.number, x.torn = fresh, number, false
	return nil
}
