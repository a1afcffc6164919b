// Package keyindex answers "is this key good?" from memory, and is never out of date.
//
// It holds every key's digest and standing, and keeps itself current by the database's change numbers. A check
// first passes the freshness barrier: it sees every change that was committed before the check began, by
// whichever process. So a check is linearizable, at the cost of one question shared by all checks in flight.
package keyindex

import (
	"context"
	"errors"
	"net/netip"
	"sync"
	"time"

	"github.com/keylodge/keylodge/workspace"
)

// Options are what an index may be told. Zero fields mean the defaults.
type Options struct {
	// MaxStaleness lets a check use an answer up to this old. 0, the default, lets it use none but a current one.
	MaxStaleness time.Duration
	// AskLimit is how long a check waits for the database before it is refused as Unavailable. Default 500 ms.
	AskLimit time.Duration
}

// Index is safe for use by many goroutines at once.
type Index struct {
	store   workspace.Store
	barrier barrier
	uses    uses

	mu     sync.RWMutex
	table  *table
	number int64 // the change number up to which table is complete; only the barrier's round writes it
}

// loadLimit ends a load whose database has gone away without a word.
const loadLimit = time.Minute

// Open loads the index whole.
func Open(ctx context.Context, store workspace.Store, o Options) (*Index, error) {
	if o.AskLimit == 0 {
		o.AskLimit = 500 * time.Millisecond
	}
	x := &Index{store: store, uses: newUses()}
	x.barrier = barrier{stamp: store.Stamp, ask: x.catchUp, limit: o.AskLimit, maxStaleness: o.MaxStaleness}
	return x, x.reload(ctx)
}

// Identity is whom an accepted key stands for.
type Identity struct {
	KeyID   [workspace.IDBytes]byte
	KeyName string
	Owner   *Member
}

// Check says whether a key may be used at now, and by whom. Unless slug is empty, a key of any other workspace
// is no key at all. The identity means something only when the decision is DecisionValid; the use is then
// counted for address. The error, always of kind Unavailable, means that freshness can't be proven: the
// check must be refused.
func (x *Index) Check(ctx context.Context, secret workspace.Secret, slug string, now time.Time, address netip.Addr) (Identity, workspace.Decision, error) {
	if err := x.barrier.pass(ctx); err != nil {
		return Identity{}, "", err
	}
	digest := secret.Digest()
	id, decision := x.lookup(&digest, slug, now)
	if decision == workspace.DecisionValid {
		x.uses.record(id.KeyID, now, address)
	}
	return id, decision, nil
}

func (x *Index) lookup(digest *workspace.Digest, slug string, now time.Time) (Identity, workspace.Decision) {
	x.mu.RLock()
	defer x.mu.RUnlock()
	r := x.table.find(digest)
	if r == nil {
		return Identity{}, workspace.DecisionNotFound
	}
	owner := x.table.members.all[r.member]
	if slug != "" && owner.WorkspaceSlug != slug {
		return Identity{}, workspace.DecisionNotFound
	}
	decision := workspace.Decide(x.table.standing(r), now)
	if decision != workspace.DecisionValid {
		return Identity{}, decision
	}
	return Identity{KeyID: r.id, KeyName: x.table.name(r), Owner: owner}, decision
}

// catchUp makes the index current with what is committed when it is called.
func (x *Index) catchUp(ctx context.Context) error {
	newest, err := x.store.ChangeNumber(ctx)
	if err != nil || newest == x.number {
		return err
	}
	// From here on the work may take longer than a check waits; those that wait give up by themselves.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), loadLimit)
	defer cancel()
	var news facts
	number, err := x.store.FactsSince(ctx, x.number, &news)
	if errors.Is(err, workspace.ErrChangesGone) {
		return x.reload(ctx)
	}
	if err != nil {
		return err
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	news.replay(x.table)
	x.number = number
	return nil
}

func (x *Index) reload(ctx context.Context) error {
	fresh := newTable()
	number, err := x.store.AllFacts(ctx, fresh)
	if err != nil {
		return err
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	x.table, x.number = fresh, number
	return nil
}

// Len returns how many keys the index holds, the dead ones among them.
func (x *Index) Len() int {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return int(x.table.count)
}
