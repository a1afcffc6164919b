package postgrestest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
)

// Template makes databases that all begin alike, on the process's shared
// server. Preparing one, which usually means its migrations, takes most of the
// time of a short test, so a database serves one test after another: it gets
// back the rows that it had when it was prepared. Tests that change the schema
// must use [URL].
type Template struct {
	Prepare func(ctx context.Context, url string) error

	mu   sync.Mutex
	idle []*prepared
}

// prepared is a database that Prepare has run on.
type prepared struct {
	url   string
	admin *sql.DB
	reset string // statements that bring back the rows
}

// URL returns the URL of a database that is as Prepare has left it, for one
// test.
func (p *Template) URL(t testing.TB) string {
	t.Helper()
	server := sharedServer(t)
	db, err := p.take(t.Context(), server)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := db.admin.ExecContext(context.Background(), db.reset); err != nil {
			t.Errorf("postgrestest: reset %s: %v", db.url, err)
			return
		}
		p.mu.Lock()
		defer p.mu.Unlock()
		p.idle = append(p.idle, db)
	})
	return db.url
}

func (p *Template) take(ctx context.Context, server *Server) (*prepared, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if n := len(p.idle); n > 0 {
		db := p.idle[n-1]
		p.idle = p.idle[:n-1]
		return db, nil
	}
	url, err := server.Database()
	if err != nil {
		return nil, err
	}
	if err := p.Prepare(ctx, url); err != nil {
		return nil, err
	}
	admin, err := sql.Open("pgx", url)
	if err != nil {
		return nil, err
	}
	admin.SetMaxOpenConns(1)
	reset, err := resetStatements(ctx, admin)
	if err != nil {
		return nil, errors.Join(err, admin.Close())
	}
	return &prepared{url, admin, reset}, nil
}

// resetStatements returns statements that end every other connection to a
// database and bring back the rows that it has now.
func resetStatements(ctx context.Context, db *sql.DB) (string, error) {
	rows, err := db.QueryContext(ctx, `SELECT tablename FROM pg_tables WHERE schemaname = 'public'`)
	if err != nil {
		return "", err
	}
	defer rows.Close()
	var tables []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return "", err
		}
		tables = append(tables, pgx.Identifier{name}.Sanitize())
	}
	if err := rows.Err(); err != nil {
		return "", err
	}
	var b strings.Builder
	b.WriteString(`
		SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
		WHERE datname = current_database() AND pid <> pg_backend_pid();
		SET session_replication_role = replica;
	`) // as a replica it checks no foreign keys
	for _, table := range tables {
		var content sql.NullString
		if err := db.QueryRowContext(ctx, `SELECT json_agg(t) FROM `+table+` t`).Scan(&content); err != nil {
			return "", err
		}
		fmt.Fprintf(&b, "DELETE FROM %s;\n", table)
		if content.Valid {
			fmt.Fprintf(&b, "INSERT INTO %[1]s SELECT * FROM json_populate_recordset(NULL::%[1]s, '%[2]s');\n",
				table, strings.ReplaceAll(content.String, "'", "''"))
		}
	}
	return b.String(), nil
}
