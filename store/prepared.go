package store

import (
	"context"
	"database/sql"
	"errors"
	"sync"
)

// preparedStatements runs queries on a pool or a connection and keeps them
// prepared: SQLite takes several times as long to plan a page of keys as to
// read it. (pgx keeps its own.)
type preparedStatements struct {
	db     preparer
	mu     sync.Mutex
	byText map[string]*sql.Stmt // the texts are few
}

// preparer is what *sql.DB and *sql.Conn have in common.
type preparer interface {
	querier
	PrepareContext(ctx context.Context, query string) (*sql.Stmt, error)
}

func newPrepared(db preparer) *preparedStatements {
	return &preparedStatements{db: db, byText: map[string]*sql.Stmt{}}
}

// QueryContext implements querier.
func (s *preparedStatements) QueryContext(ctx context.Context, text string, args ...any) (*sql.Rows, error) {
	prepared, err := s.prepare(ctx, text)
	if err != nil {
		return nil, err
	}
	return prepared.QueryContext(ctx, args...)
}

// ExecContext implements querier.
func (s *preparedStatements) ExecContext(ctx context.Context, text string, args ...any) (sql.Result, error) {
	prepared, err := s.prepare(ctx, text)
	if err != nil {
		return nil, err
	}
	return prepared.ExecContext(ctx, args...)
}

// prepare returns the statement.
func (s *preparedStatements) prepare(ctx context.Context, text string) (*sql.Stmt, error) {
	s.mu.Lock()
	known := s.byText[text]
	s.mu.Unlock()
	if known != nil {
		return known, nil
	}
	fresh, err := s.db.PrepareContext(ctx, text)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if known = s.byText[text]; known != nil { // another goroutine was faster
		return known, fresh.Close()
	}
	s.byText[text] = fresh
	return fresh, nil
}

// close closes the statements. Those of a connection are not closed with it, as
// those of a pool are.
func (s *preparedStatements) close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []error
	for _, prepared := range s.byText {
		all = append(all, prepared.Close())
	}
	return errors.Join(all...)
}
