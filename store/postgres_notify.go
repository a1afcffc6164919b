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

// notifyChannel is where nodes on PostgreSQL tell each other that something has
// changed. Notifications may be lost: a node that hears one looks sooner than
// it would have, and nothing relies on it.
const notifyChannel = "keylodge_changes"

// notifyLimit is how long sending a notification may take.
const notifyLimit = time.Second

// notifier sends notifications from a goroutine of its own, so that no change
// waits for one or fails because of it. [notifier.close] waits for the
// goroutine.
type notifier struct {
	db      *sql.DB
	log     *slog.Logger
	pending chan struct{} // at most one: a notification says that there is news, not how much
	stop    func()        // may be called again
	stopped <-chan struct{}
	ended   chan struct{}
}

func newNotifier(db *sql.DB, log *slog.Logger) *notifier {
	ctx, stop := context.WithCancel(context.Background())
	n := &notifier{
		db: db, log: log, pending: make(chan struct{}, 1), stop: stop, stopped: ctx.Done(), ended: make(chan struct{}),
	}
	go n.run()
	return n
}

func (n *notifier) run() {
	defer close(n.ended)
	for {
		select {
		case <-n.pending:
			n.notify()
		case <-n.stopped:
			if len(n.pending) > 0 {
				n.notify()
			}
			return
		}
	}
}

// notify sends a notification. It fails on engines that speak PostgreSQL's
// language but know no NOTIFY, which costs other nodes only time.
func (n *notifier) notify() {
	defer func() {
		if cause := recover(); cause != nil {
			n.log.Error("change notification panicked", "cause", cause, "stack", string(debug.Stack()))
		}
	}()
	ctx, cancel := context.WithTimeout(context.Background(), notifyLimit)
	defer cancel()
	if _, err := n.db.ExecContext(ctx, `NOTIFY `+notifyChannel); err != nil {
		n.log.Debug("change notification not sent", "error", err)
	}
}

func (n *notifier) send() {
	select {
	case n.pending <- struct{}{}:
	default:
	}
}

// close sends what is pending, and returns within twice notifyLimit.
func (n *notifier) close() {
	n.stop()
	<-n.ended
}

// Between attempts to listen. A connection that held for longer than the second
// one starts again with the first.
const (
	firstRetry = 500 * time.Millisecond
	lastRetry  = 30 * time.Second
)

// Listen calls changed whenever another process says that it has changed
// something, until ctx ends. On SQLite it returns at once.
func (s *Store) Listen(ctx context.Context, changed func()) {
	if s.engine.listen == nil {
		return
	}
	for wait := firstRetry; ctx.Err() == nil; wait = min(2*wait, lastRetry) {
		began := time.Now()
		if err := s.engine.listen(ctx, changed); cantListen(err) {
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

// cantListen reports whether a server has refused to, as engines do that speak
// PostgreSQL's language but know no LISTEN.
func cantListen(err error) bool {
	e, ok := errors.AsType[*pgconn.PgError](err)
	return ok && (e.Code[:2] == "0A" || e.Code[:2] == "42")
}

// listenPostgres listens on a connection of its own until it breaks.
func listenPostgres(config *pgx.ConnConfig) func(context.Context, func()) error {
	config = config.Copy()
	config.RuntimeParams["application_name"] = "keylodge notifications"
	return func(ctx context.Context, changed func()) error {
		c, err := pgx.ConnectConfig(ctx, config)
		if err != nil {
			return err
		}
		defer c.Close(context.WithoutCancel(ctx))
		if _, err := c.Exec(ctx, `LISTEN `+notifyChannel); err != nil {
			return err
		}
		changed() // for those that were sent while nobody listened
		for {
			if _, err := c.WaitForNotification(ctx); err != nil {
				return err
			}
			changed()
		}
	}
}
