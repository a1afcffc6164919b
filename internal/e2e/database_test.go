package e2e

import (
	"context"
	"database/sql"
	"net/url"
	"strings"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
	_ "modernc.org/sqlite"             // the driver "sqlite"
)

func isPostgres(database string) bool { return strings.HasPrefix(database, "postgres://") }

// hostOf returns the host and port of a PostgreSQL database's server.
func hostOf(t testing.TB, database string) string {
	t.Helper()
	return parse(t, database).Host
}

// atHost returns the URL of a database with another host and port.
func atHost(t testing.TB, database, address string) string {
	t.Helper()
	u := parse(t, database)
	u.Host = address
	return u.String()
}

func parse(t testing.TB, text string) *url.URL {
	t.Helper()
	u, err := url.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// openDatabase opens a server's database while the server runs, as another
// process would.
func openDatabase(t testing.TB, database string) *sql.DB {
	t.Helper()
	driver, dsn := "sqlite", "file:"+database+"?_pragma=busy_timeout(5000)"
	if isPostgres(database) {
		driver, dsn = "pgx", database
	}
	db, err := sql.Open(driver, dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// count returns the number that a query selects.
func count(t testing.TB, database, query string, arguments ...any) int {
	t.Helper()
	return value[int](t, database, query, arguments...)
}

// value returns the value that a query selects.
func value[T any](t testing.TB, database, query string, arguments ...any) (v T) {
	t.Helper()
	db := openDatabase(t, database)
	defer db.Close()
	if err := db.QueryRowContext(context.Background(), query, arguments...).Scan(&v); err != nil {
		t.Fatal(err)
	}
	return v
}

func column(t testing.TB, db *sql.DB, query string) (texts []string) {
	t.Helper()
	rows, err := db.QueryContext(context.Background(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			t.Fatal(err)
		}
		texts = append(texts, text)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return texts
}

// keepCommits makes a PostgreSQL database keep acknowledged commits when its
// server crashes, as it does by default.
func keepCommits(t testing.TB, database string) {
	t.Helper()
	db := openDatabase(t, database)
	defer db.Close()
	_, err := db.ExecContext(context.Background(),
		`DO $$ BEGIN EXECUTE 'ALTER DATABASE ' || current_database() || ' SET synchronous_commit = on'; END $$`)
	if err != nil {
		t.Fatal(err)
	}
}
