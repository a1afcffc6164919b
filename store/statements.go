package store

import (
	"context"
	"database/sql"
	"sync"
)

// statements runs queries on a pool and keeps them prepared: SQLite takes several times as long to plan a page of
// keys as to read it. (pgx keeps its own.) Only reads outside of transactions come this way, and their texts
// are few.
type statements struct {
	db     *sql.DB
	mu     sync.Mutex
	byText map[string]*sql.Stmt
}

// QueryContext implements querier.
func (s *statements) QueryContext(ctx context.Context, text string, args ...any) (*sql.Rows, error) {
	prepared, err := s.prepare(ctx, text)
	if err != nil {
		return nil, err
	}
	return prepared.QueryContext(ctx, args...)
}

// ExecContext implements querier.
func (s *statements) ExecContext(ctx context.Context, text string, args ...any) (sql.Result, error) {
	return s.db.ExecContext(ctx, text, args...)
}

// prepare returns the statement. It is closed with the pool.
func (s *statements) prepare(ctx context.Context, text string) (*sql.Stmt, error) {
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
