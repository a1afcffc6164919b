package store

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/keylodge/keylodge/internal/workspace"
)

// sharedCommits lets functions that wait for each other share one transaction,
// as SQLite has one writer and a commit, which waits for the disk, is most of
// what each would cost. Each function is undone by itself when it fails, and
// none returns before the commit; when that fails, all have failed.
type sharedCommits struct {
	statements *preparedStatements // of the one connection that writes
	file       *sqliteFile         // which must stay where others find it
	log        *slog.Logger

	waiting atomic.Int32
	mu      sync.Mutex
	current *sharedCommit // what the next function joins; nil: none waits for a commit
}

type sharedCommit struct {
	functions int
	broken    bool // all of it is undone
	done      chan struct{}
	err       error
}

const (
	// maxSharers is how many functions share a commit.
	maxSharers = 64
	// maxUndoable is how many statements of a function can be undone without
	// undoing those of the functions that it shares its transaction with.
	// SQLite searches the journal that this takes from its beginning after
	// each statement, so that many statements would cost the square of their
	// number (docs/decisions/shared-commits.md).
	maxUndoable = 256
)

func (s *sharedCommits) transact(ctx context.Context, fn func(querier) error) (err error) {
	s.waiting.Add(1)
	s.mu.Lock()
	s.waiting.Add(-1)
	c, err := s.join(ctx)
	if err != nil {
		s.mu.Unlock()
		return err
	}
	defer func() { // even after a panic: others wait for this commit
		if s.waiting.Load() == 0 || c.functions == maxSharers || c.broken {
			s.commit(c)
		}
		s.mu.Unlock()
		<-c.done // what fn refused to do may rest on what another has done and not yet committed
		if c.err != nil {
			err = c.err
		}
	}()
	return s.step(ctx, c, fn)
}

func (s *sharedCommits) join(ctx context.Context) (*sharedCommit, error) {
	if s.current == nil {
		if err := s.file.check(); err != nil {
			return nil, err
		}
		// There is nothing to undo yet: the wait for another process ends with
		// ctx.
		if _, err := s.statements.ExecContext(ctx, `BEGIN IMMEDIATE`); err != nil {
			return nil, err
		}
		s.current = &sharedCommit{done: make(chan struct{})}
	}
	s.current.functions++
	return s.current, nil
}

// step runs fn so that it can be undone: the first function of a transaction
// with the transaction, and one that others went before alone, unless it is
// longer than maxUndoable.
func (s *sharedCommits) step(ctx context.Context, c *sharedCommit, fn func(querier) error) (err error) {
	u := &uninterrupted{until: ctx, q: s.statements}
	if c.functions > 1 {
		if err := s.exec(`SAVEPOINT step`); err != nil {
			return err
		}
		u.savepoint = true
	}
	done := false
	defer func() {
		switch {
		case !done:
			s.undo(c, u.savepoint, err)
		case u.savepoint:
			if e := s.exec(`RELEASE step`); e != nil {
				s.breakOff(c, e)
			}
		}
	}()
	err = fn(u)
	if err == nil {
		err = ctx.Err()
	}
	done = err == nil
	return err
}

// undo undoes what a function has done, which failed with cause.
func (s *sharedCommits) undo(c *sharedCommit, savepoint bool, cause error) {
	if savepoint {
		e := s.exec(`ROLLBACK TO step`)
		if e == nil {
			e = s.exec(`RELEASE step`)
		}
		if e == nil {
			return
		}
		if workspace.KindOf(cause) == workspace.Unavailable { // it has undone the whole transaction, and says why
			e = cause
		}
		s.breakOff(c, e)
		return
	}
	s.rollback()
	c.broken = true
	if c.functions > 1 {
		c.err = unavailable("The database is busy with other work. Nothing was changed; try again in a moment.",
			fmt.Errorf("a long transaction that shared the commit failed: %v", cause))
	}
}

// breakOff undoes all of a transaction: what is left of it can't be told apart.
func (s *sharedCommits) breakOff(c *sharedCommit, cause error) {
	s.rollback()
	c.broken, c.err = true, cause
}

// rollback ends the transaction, if an error has not ended it already.
func (s *sharedCommits) rollback() {
	err := s.exec(`ROLLBACK`)
	if err != nil && !strings.Contains(err.Error(), noTransaction) {
		s.log.Error("SQLite rollback failed", "error", err)
	}
}

// noTransaction is in the message of SQLite's error when there is nothing to
// roll back; its code, SQLITE_ERROR, stands for many.
const noTransaction = "no transaction is active"

func (s *sharedCommits) commit(c *sharedCommit) {
	if !c.broken {
		c.err = s.file.check()
	}
	if !c.broken && c.err == nil {
		c.err = s.exec(`COMMIT`)
	}
	if c.err != nil { // SQLite may not have ended the transaction by itself
		s.rollback()
	}
	if c.err == nil {
		s.file.committed()
		c.err = s.file.check() // or it is in a file that was taken away meanwhile
	}
	s.current = nil
	close(c.done)
}

// exec runs a statement that is not one function's, and so ends with no
// context.
func (s *sharedCommits) exec(statement string) error {
	_, err := s.statements.ExecContext(context.Background(), statement)
	return err
}

// uninterrupted runs statements until its context ends, but interrupts none:
// SQLite would undo the whole transaction, which is not one function's alone
// (sqlite.org/c3ref/interrupt.html).
type uninterrupted struct {
	until     context.Context
	q         querier
	savepoint bool // there is one to go back to
	count     int  // of statements
}

// ExecContext implements querier.
func (u *uninterrupted) ExecContext(ctx context.Context, text string, args ...any) (sql.Result, error) {
	if err := u.next(ctx); err != nil {
		return nil, err
	}
	return u.q.ExecContext(context.WithoutCancel(ctx), text, args...)
}

// QueryContext implements querier.
func (u *uninterrupted) QueryContext(ctx context.Context, text string, args ...any) (*sql.Rows, error) {
	if err := u.next(ctx); err != nil {
		return nil, err
	}
	return u.q.QueryContext(context.WithoutCancel(ctx), text, args...)
}

// next reports whether another statement may run, and gives up the savepoint of
// a function that is too long for one.
func (u *uninterrupted) next(ctx context.Context) error {
	if err := u.until.Err(); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	u.count++
	if !u.savepoint || u.count <= maxUndoable {
		return nil
	}
	u.savepoint = false
	_, err := u.q.ExecContext(context.WithoutCancel(ctx), `RELEASE step`)
	return err
}
