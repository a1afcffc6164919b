package store

import (
	"cmp"
	"context"
	"database/sql"
	"sync"
	"sync/atomic"

	"github.com/keylodge/keylodge/workspace"
)

// sharedCommits lets functions that wait for each other share one transaction, as SQLite has one writer and a commit,
// which waits for the disk, is most of what each would cost. Each function is undone by itself when it fails, and
// none returns before the commit; when that fails, all have failed.
type sharedCommits struct {
	statements *statements // of the one connection that writes

	waiting atomic.Int32
	mu      sync.Mutex
	current *sharedCommit // what the next to come joins; nil: nobody waits for a commit
}

type sharedCommit struct {
	functions int
	broken    bool // SQLite has undone it all
	done      chan struct{}
	err       error
}

// sharers is how many functions share a commit at most.
const sharers = 64

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
		if s.waiting.Load() == 0 || c.functions == sharers || c.broken {
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
		// There is nothing to undo yet: the wait for another process ends with ctx.
		if _, err := s.statements.ExecContext(ctx, `BEGIN IMMEDIATE`); err != nil {
			return nil, err
		}
		s.current = &sharedCommit{done: make(chan struct{})}
	}
	s.current.functions++
	return s.current, nil
}

// step runs fn so that it can be undone alone.
func (s *sharedCommits) step(ctx context.Context, c *sharedCommit, fn func(querier) error) (err error) {
	if err := s.exec(`SAVEPOINT step`); err != nil {
		return err
	}
	done := false
	defer func() {
		if !done {
			if e := s.exec(`ROLLBACK TO step`); e != nil { // an error has undone the whole transaction
				c.broken, c.err = true, e
				if workspace.KindOf(err) == workspace.Unavailable { // and says why
					c.err = err
				}
				return
			}
		}
		s.exec(`RELEASE step`)
	}()
	err = fn(uninterrupted{ctx, s.statements})
	if err == nil {
		err = ctx.Err()
	}
	done = err == nil
	return err
}

func (s *sharedCommits) commit(c *sharedCommit) {
	if !c.broken {
		c.err = s.exec(`COMMIT`)
	}
	if c.err != nil {
		s.exec(`ROLLBACK`)
	}
	s.current = nil
	close(c.done)
}

// exec runs a statement that is not one function's, and so ends with no context.
func (s *sharedCommits) exec(statement string) error {
	_, err := s.statements.ExecContext(context.Background(), statement)
	return err
}

// uninterrupted runs statements until its context ends, but breaks none off in the middle: SQLite would undo the whole
// transaction, which is not one function's alone (sqlite.org/c3ref/interrupt.html).
type uninterrupted struct {
	until context.Context
	q     querier
}

// ExecContext implements querier.
func (u uninterrupted) ExecContext(ctx context.Context, text string, args ...any) (sql.Result, error) {
	if err := cmp.Or(u.until.Err(), ctx.Err()); err != nil {
		return nil, err
	}
	return u.q.ExecContext(context.WithoutCancel(ctx), text, args...)
}

// QueryContext implements querier.
func (u uninterrupted) QueryContext(ctx context.Context, text string, args ...any) (*sql.Rows, error) {
	if err := cmp.Or(u.until.Err(), ctx.Err()); err != nil {
		return nil, err
	}
	return u.q.QueryContext(context.WithoutCancel(ctx), text, args...)
}
