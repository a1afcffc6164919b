package workspace

import (
	"context"
	"errors"
	"time"
)

// Store keeps everything that must outlive the process. It knows no rules: who
// may do what, and what is valid, was decided before it is asked.
//
// Methods that look for one row return [ErrNotFound] when there is none. When
// the database is locked, full, read-only or out of reach, they return an
// [Error] of kind Unavailable with the cause.
type Store interface {
	Reader

	// Update runs fn in one write transaction: committed when fn returns nil,
	// undone otherwise. It is for what no verification depends on: sessions,
	// tokens, throttles, refusals in the audit log. When fn returns
	// [ErrNothingChanged] the transaction is undone and Update returns nil.
	Update(ctx context.Context, fn func(Tx) error) error

	// Change is Update for whatever may decide a key check. It takes the next
	// change number before fn runs and holds it to commit, so Change
	// transactions run one after another on all nodes, numbers commit in order,
	// and what fn reads can't change under it. When fn returns
	// [ErrNothingChanged] the transaction is undone, no number is used, and
	// Change returns nil.
	Change(ctx context.Context, fn func(ChangeTx) error) error

	// Queued returns a channel that receives after this Store has committed
	// messages of a channel. One receive may stand for many messages.
	Queued(channel Channel) <-chan struct{}
}

// Reader reads single rows and small lists.
type Reader interface {
	WorkspaceReader
	MemberReader
	KeyReader
	UsageReader
	SignInReader
	AuditReader
	OutboxReader
	JobReader
}

// Tx is one write transaction.
type Tx interface {
	Reader
	WorkspaceTx
	MemberTx
	KeyTx
	SignInTx
	AuditTx
	OutboxTx
	JobTx

	// Prune deletes up to r.Limit rows of each table that r names, and says
	// whether there may be more.
	Prune(ctx context.Context, r Retention) (more bool, err error)
}

// Retention says what [Tx].Prune deletes: rows from before these moments. A
// zero moment keeps all.
type Retention struct {
	SessionsSeen  time.Time // sessions last seen before it
	SessionsBegun time.Time // sessions begun before it
	OneTimeTokens time.Time // one-time tokens that expired before it
	Throttles     time.Time // throttles whose last failure and block were before it
	KnownDevices  time.Time // devices that were first used before it
	Undelivered   time.Time // messages given up before it
	UsageHours    time.Time // counts of hours before it
	UsageBatches  time.Time // ids of usage batches recorded before it
	Jobs          time.Time // jobs that ended before it
	Limit         int       // rows of each table that one call deletes
}

// ChangeTx is a write transaction that holds the change number. Each of its own
// methods also writes down what changed, so that every index hears of it.
type ChangeTx interface {
	Tx
	WorkspaceChangeTx
	MemberChangeTx
	KeyChangeTx
}

// ErrNothingChanged undoes a [Store.Update] or [Store.Change] without a
// failure.
var ErrNothingChanged = errors.New("nothing changed")

// ErrChangesGone says that an index must be loaded whole.
var ErrChangesGone = errors.New("the changes since are not all kept")
