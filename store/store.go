// Package store keeps Keylodge's data in SQLite or PostgreSQL. Both run the
// same SQL text. Only sqlite*.go knows that the engine is SQLite, and only
// postgres*.go that it is PostgreSQL.
package store

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"time"

	"github.com/keylodge/keylodge/internal/workspace"
)

// Store implements [workspace.Store] on one database. Its methods may be called
// at the same time.
//
// Update and Change must not be called from within each other: on SQLite there
// is one writer.
type Store struct {
	reader
	engine  *engine
	heads   heads
	halt    *halt
	history history
	queued  map[workspace.Channel]chan struct{}
}

var _ workspace.Store = (*Store)(nil)

// engine is all in which the two databases differ.
type engine struct {
	queries  querier  // outside of transactions
	snapshot transact // reads, and sees one moment
	write    transact

	// primary is a condition that only holds where the newest commits are.
	primary string
	// newest returns the newest change number on a connection of its own; nil:
	// a query does.
	newest func(context.Context) (int64, error)
	// migrationLock is a statement that keeps other migrations out until its
	// transaction ends.
	migrationLock string
	// foreign is a query for the number of tables in a database that Keylodge
	// has never migrated; empty: it may share a database with other programs.
	foreign string
	// selfCheck is a query for what the engine finds wrong with the database,
	// "ok" for nothing; empty: the engine has none.
	selfCheck string
	// explain returns what to tell users when the database is not available,
	// else nothing.
	explain func(error) string
	// stale reports whether a connection had died while nobody used it.
	stale func(error) bool
	stamp func() (workspace.Stamp, bool)
	// changed is called after each Change.
	changed func()
	// listen calls a function for each change of another process until the
	// connection breaks; nil: the engine can't tell.
	listen func(context.Context, func()) error
	// watch checks that the database is still the one that was opened; nil: it
	// can't be replaced unseen.
	watch func()
	close func() error
}

// Options are what a store may be told. Zero fields mean the defaults.
type Options struct {
	LostHistory LostHistory  // default: LostHistoryRefuse
	Log         *slog.Logger // default: none
}

// Open is [OpenWith] with the defaults.
func Open(ctx context.Context, dsn string) (*Store, error) { return OpenWith(ctx, dsn, Options{}) }

// OpenWith opens the database that dsn names: a postgres:// or postgresql://
// URL, or else the path of an SQLite file, which is made, readable by its owner
// only, when it does not exist. It does not migrate: see [Store.Migrate]. The
// error is a [workspace.Error] of kind Unavailable when the database can't be
// opened.
func OpenWith(ctx context.Context, dsn string, o Options) (*Store, error) {
	open := openSQLite
	if IsPostgres(dsn) {
		open = openPostgres
	}
	if scheme, _, isURL := strings.Cut(dsn, "://"); isURL && !IsPostgres(dsn) { // the rest may hold a password
		return nil, unavailable("A database is a path, or a URL that begins with postgres://.",
			errors.New("unknown scheme "+scheme))
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	h := &halt{log: o.Log}
	e, err := open(ctx, dsn, h)
	if err != nil {
		return nil, err
	}
	e.queries, e.snapshot, e.write = h.querier(e.queries), h.transact(e.snapshot), h.transact(e.write)
	s := &Store{reader: reader{q: e.queries, explain: e.explain, stale: e.stale}, engine: e, halt: h,
		queued: newQueued()}
	s.history.halt, s.history.mode, s.history.log = h, o.LostHistory, o.Log
	return s, nil
}

func newQueued() map[workspace.Channel]chan struct{} {
	return map[workspace.Channel]chan struct{}{workspace.ChannelMail: make(chan struct{}, 1),
		workspace.ChannelWebhook: make(chan struct{}, 1)}
}

// Queued implements [workspace.Store].
func (s *Store) Queued(channel workspace.Channel) <-chan struct{} { return s.queued[channel] }

// tellQueued wakes those who wait for messages of some channels, after a
// commit.
func (s *Store) tellQueued(channels []workspace.Channel) {
	for _, channel := range channels {
		select {
		case s.queued[channel] <- struct{}{}:
		default: // it has been told already
		}
	}
}

// IsPostgres reports whether a database is named by a URL of PostgreSQL's.
func IsPostgres(dsn string) bool {
	return strings.HasPrefix(dsn, "postgres://") || strings.HasPrefix(dsn, "postgresql://")
}

// Close ends every connection. On SQLite the last Store to close moves the
// write-ahead log into the file.
func (s *Store) Close() error { return s.engine.close() }

// Stamp returns a value that differs after every commit of any process,
// where the engine has one that costs no query (SQLite's mapped WAL
// index); false where it has none.
func (s *Store) Stamp() (workspace.Stamp, bool) { return s.engine.stamp() }

// Update implements [workspace.Store].
func (s *Store) Update(ctx context.Context, fn func(workspace.Tx) error) error {
	var queued []workspace.Channel
	err := s.inTransaction(ctx, s.engine.write, func(r reader) error {
		if err := s.checkHistory(ctx, r); err != nil {
			return err
		}
		t := &tx{reader: r, heads: &s.heads}
		err := fn(t)
		if queued = t.queued; err != nil {
			return err
		}
		return t.writeEvents(ctx)
	})
	if errors.Is(err, workspace.ErrNothingChanged) {
		return nil
	}
	if err == nil {
		s.tellQueued(queued)
	}
	return err
}

// Change implements [workspace.Store].
func (s *Store) Change(ctx context.Context, fn func(workspace.ChangeTx) error) error {
	var queued []workspace.Channel
	var number int64
	err := s.inTransaction(ctx, s.engine.write, func(r reader) (err error) {
		if number, err = s.takeChangeNumber(ctx, r); err != nil {
			return err
		}
		t := &changeTx{tx: tx{reader: r, heads: &s.heads}, number: number}
		err = fn(t)
		if queued = t.queued; err != nil {
			return err
		}
		if !t.noted {
			if err := t.noteChange(ctx, noChange, "", ""); err != nil {
				return err
			}
		}
		if err := pruneChanges(ctx, r, number); err != nil {
			return err
		}
		return t.writeEvents(ctx)
	})
	if errors.Is(err, workspace.ErrNothingChanged) {
		return nil
	}
	if err == nil {
		s.history.have(number)
		s.engine.changed()
		s.tellQueued(queued)
	}
	return err
}

// snapshot runs fn in a read transaction in which every query sees the same
// moment.
func (s *Store) snapshot(ctx context.Context, fn func(reader) error) error {
	return s.inTransaction(ctx, s.engine.snapshot, fn)
}

const retryAfter = 5 * time.Second

// unavailable returns the error for a database that can't be used now.
func unavailable(message string, cause error) error {
	return &workspace.Error{Kind: workspace.Unavailable, Message: message, RetryAfter: retryAfter, Cause: cause}
}

// translate makes an error of the driver one of the domain. What it doesn't
// know is a fault of ours and stays as it is.
func (r reader) translate(err error) error {
	if err == nil {
		return nil
	}
	if message := r.explain(err); message != "" {
		return unavailable(message, err)
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return unavailable("The database did not answer in time. Try again in a moment.", err)
	}
	return err
}
