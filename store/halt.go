package store

import (
	"context"
	"database/sql"
	"log/slog"
	"sync/atomic"

	"github.com/keylodge/keylodge/internal/workspace"
)

// halt stops every use of a database that is no longer the one that this
// process has answered from. It is never lifted: only a restart begins again.
type halt struct {
	log     *slog.Logger
	refusal atomic.Pointer[workspace.Error] // nil: the database may be used
}

// check returns why the database must not be used, an Unavailable error, or
// nil.
func (h *halt) check() error {
	if refusal := h.refusal.Load(); refusal != nil {
		return refusal
	}
	return nil
}

// stop ends the use of the database, logs why, and returns what to tell
// people. Only the first reason counts, and first is true for it.
func (h *halt) stop(message string, cause error) (first bool, told error) {
	refusal := &workspace.Error{Kind: workspace.Unavailable, Message: message, RetryAfter: retryAfter, Cause: cause}
	if first = h.refusal.CompareAndSwap(nil, refusal); first {
		h.log.Error("database refused until a restart", "error", refusal)
	}
	return first, h.check()
}

// Halted returns why the database must not be used any more by this process, an
// [workspace.Error] of kind Unavailable; nil while it may be. Once there is a
// reason, it stays.
func (s *Store) Halted() error { return s.halt.check() }

// querier lets statements through to q until the halt.
func (h *halt) querier(q querier) querier { return haltingQuerier{h, q} }

type haltingQuerier struct {
	halt *halt
	q    querier
}

// ExecContext implements querier.
func (q haltingQuerier) ExecContext(ctx context.Context, text string, args ...any) (sql.Result, error) {
	if err := q.halt.check(); err != nil {
		return nil, err
	}
	return q.q.ExecContext(ctx, text, args...)
}

// QueryContext implements querier.
func (q haltingQuerier) QueryContext(ctx context.Context, text string, args ...any) (*sql.Rows, error) {
	if err := q.halt.check(); err != nil {
		return nil, err
	}
	return q.q.QueryContext(ctx, text, args...)
}

// transact lets transactions begin, and acknowledges them, until the halt.
func (h *halt) transact(run transact) transact {
	return func(ctx context.Context, fn func(querier) error) error {
		if err := h.check(); err != nil {
			return err
		}
		err := run(ctx, fn)
		if halted := h.check(); halted != nil {
			return halted
		}
		return err
	}
}
