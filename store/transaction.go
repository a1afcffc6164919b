package store

import (
	"context"
	"database/sql"
	"errors"

	"github.com/keylodge/keylodge/internal/workspace"
)

// tx implements [workspace.Tx].
type tx struct {
	reader
	heads  *heads
	events []workspace.Event   // that are written at its end
	queued []workspace.Channel // of the messages that it queues
}

// changeTx implements [workspace.ChangeTx].
type changeTx struct {
	tx
	number int64
	noted  bool // at least one change has the number, so that it is found again
}

// transact runs a function in a transaction and commits when it returns nil.
// Whatever else happens (an error, a panic, the end of ctx) undoes all that it
// did.
type transact func(ctx context.Context, fn func(querier) error) error

// alone gives each function a transaction to itself. The statements begin it.
func alone(db *sql.DB, o *sql.TxOptions, stale func(error) bool, statements ...string) transact {
	return func(ctx context.Context, fn func(querier) error) error {
		t, err := db.BeginTx(ctx, o)
		for tries := 0; err != nil && stale(err) && tries < db.Stats().MaxOpenConnections; tries++ {
			t, err = db.BeginTx(ctx, o)
		}
		if err != nil {
			return err
		}
		defer t.Rollback() // does nothing after a commit
		for _, statement := range statements {
			if _, err := t.ExecContext(ctx, statement); err != nil {
				return err
			}
		}
		err = fn(t)
		if err == nil {
			err = t.Commit()
		}
		if errors.Is(err, sql.ErrTxDone) && ctx.Err() != nil { // what database/sql says once it has undone it for ctx
			err = ctx.Err()
		}
		return err
	}
}

// inTransaction runs fn in a transaction, and returns fn's own error as it is.
func (s *Store) inTransaction(ctx context.Context, run transact, fn func(reader) error) error {
	var own error
	err := run(ctx, func(q querier) error {
		var failed error
		own = fn(reader{q: q, explain: s.explain, failed: &failed})
		if own == nil {
			own = failed
		}
		return own
	})
	if own != nil && errors.Is(err, own) {
		return own
	}
	return s.translate(err)
}
