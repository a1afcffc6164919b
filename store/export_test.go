package store

import (
	"context"
	"fmt"
	"strings"
	"testing"
)

// LimitPages makes an SQLite file as full as a disk would: it grows to so many
// pages, or no further than it is.
func (s *Store) LimitPages(ctx context.Context, pages int) error {
	return s.inTransaction(ctx, s.engine.write, func(r reader) error {
		_, err := r.exec(ctx, fmt.Sprintf("PRAGMA max_page_count = %d", pages))
		return err
	})
}

// Plans returns how SQLite runs each statement that the store has kept
// prepared.
func (s *Store) Plans(ctx context.Context) (plans []string, err error) {
	type step struct {
		id, parent, unused int
		detail             string
	}
	columns := func(p *step) []any { return []any{&p.id, &p.parent, &p.unused, &p.detail} }
	kept := s.engine.queries.(haltingQuerier).q.(*preparedStatements)
	direct := reader{q: kept.db, explain: s.explain}
	for text := range kept.byText {
		steps, err := queryAll(ctx, direct, columns, `EXPLAIN QUERY PLAN `+text, make([]any, parameters(text))...)
		if err != nil {
			return nil, err
		}
		var plan strings.Builder
		for _, step := range steps {
			plan.WriteString(step.detail + "\n")
		}
		plans = append(plans, plan.String())
	}
	return plans, nil
}

// Tables returns the names of an SQLite database's tables but
// schema_migrations.
func Tables(t *testing.T, s *Store) []string {
	t.Helper()
	names, err := queryAll(t.Context(), s.reader, single[string], `
		SELECT name FROM sqlite_schema WHERE type = 'table' AND name <> 'schema_migrations'
			AND name NOT LIKE 'sqlite_%' ORDER BY name`)
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// Exec runs a statement.
func Exec(t *testing.T, s *Store, statement string) {
	t.Helper()
	err := s.inTransaction(t.Context(), s.engine.write, func(r reader) error {
		_, err := r.exec(t.Context(), statement)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// parameters returns the highest number of a placeholder.
func parameters(text string) (n int) {
	for strings.Contains(text, fmt.Sprintf("$%d", n+1)) {
		n++
	}
	return n
}
