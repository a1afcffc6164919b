package store

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"runtime/debug"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// hintChannel is where nodes on PostgreSQL tell each other that something has
// changed. Hints may be lost: whoever hears one looks sooner than it would
// have, and nothing relies on it.
const hintChannel = "keylodge_changes"

// hintLimit is how long sending one may take.
const hintLimit = time.Second

// hinter sends hints from a goroutine of its own, so that no change waits for
// one or fails because of it. [hinter.close] waits for the goroutine.
type hinter struct {
	db      *sql.DB
	log     *slog.Logger
	pending chan struct{} // at most one: a hint says that there is news, not how much
	stop    func()        // may be called again
	stopped <-chan struct{}
	ended   chan struct{}
}

func newHinter(db *sql.DB, log *slog.Logger) *hinter {
	ctx, stop := context.WithCancel(context.Background())
	h := &hinter{
		db: db, log: log, pending: make(chan struct{}, 1), stop: stop, stopped: ctx.Done(), ended: make(chan struct{}),
	}
	go h.run()
	return h
}

func (h *hinter) run() {
	defer close(h.ended)
	for {
		select {
		case <-h.pending:
			h.notify()
		case <-h.stopped:
			if len(h.pending) > 0 {
				h.notify()
			}
			return
		}
	}
}

// notify sends a hint. It fails on engines that speak PostgreSQL's language but
// know no NOTIFY, which costs other nodes only time.
func (h *hinter) notify() {
	defer func() {
		if cause := recover(); cause != nil {
			h.log.Error("change hint panicked", "cause", cause, "stack", string(debug.Stack()))
		}
	}()
	ctx, cancel := context.WithTimeout(context.Background(), hintLimit)
	defer cancel()
	if _, err := h.db.ExecContext(ctx, `NOTIFY `+hintChannel); err != nil {
		h.log.Debug("change hint not sent", "error", err)
	}
}

func (h *hinter) send() {
	select {
	case h.pending <- struct{}{}:
	default:
	}
}

// close sends what is pending, and returns within twice hintLimit.
func (h *hinter) close() {
	h.stop()
	<-h.ended
}

// Between attempts to listen. A connection that held for longer than the second
// one starts again with the first.
const (
	firstRetry = 500 * time.Millisecond
	lastRetry  = 30 * time.Second
)

// Listen calls hint whenever another process says that it has changed
// something, until ctx ends. Where the engine has no such thing, it returns at
// once.
func (s *Store) Listen(ctx context.Context, hint func()) {
	if s.engine.listen == nil {
		return
	}
	for wait := firstRetry; ctx.Err() == nil; wait = min(2*wait, lastRetry) {
		began := time.Now()
		if err := s.engine.listen(ctx, hint); cantListen(err) {
			return
		}
		if time.Since(began) > lastRetry {
			wait = firstRetry
		}
		select {
		case <-ctx.Done():
		case <-time.After(wait):
		}
	}
}

// cantListen says whether a server has refused to, as engines do that speak
// PostgreSQL's language but know no LISTEN.
func cantListen(err error) bool {
	e, ok := errors.AsType[*pgconn.PgError](err)
	return ok && (e.Code[:2] == "0A" || e.Code[:2] == "42")
}

// listenPostgres listens on a connection of its own until it breaks.
func listenPostgres(config *pgx.ConnConfig) func(context.Context, func()) error {
	config = config.Copy()
	config.RuntimeParams["application_name"] = "keylodge hints"
	return func(ctx context.Context, hint func()) error {
		c, err := pgx.ConnectConfig(ctx, config)
		if err != nil {
			return err
		}
		defer c.Close(context.WithoutCancel(ctx))
		if _, err := c.Exec(ctx, `LISTEN `+hintChannel); err != nil {
			return err
		}
		hint() // for those that were sent while nobody listened
		for {
			if _, err := c.WaitForNotification(ctx); err != nil {
				return err
			}
			hint()
		}
	}
}
