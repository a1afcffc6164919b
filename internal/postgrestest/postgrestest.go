// Package postgrestest runs a throwaway PostgreSQL server for the tests of one
// process.
//
// The server starts when the first test wants it, in a folder of its own, with
// durability off. A package that uses it has
//
//	func TestMain(m *testing.M) { os.Exit(postgrestest.Main(m)) }
//
// so that it is stopped when the tests are over. On Linux the kernel stops it
// too when the test process is killed.
package postgrestest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"sync"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
)

// shared is the server that all tests of the process use.
var shared struct {
	sync.Mutex
	server *Server
	err    error // why there is none; a second try would fail as the first did
}

// Main runs the tests and stops the server, if one was started. It returns the
// code to exit with.
func Main(m *testing.M) int {
	code := m.Run()
	shared.Lock()
	defer shared.Unlock()
	if shared.server != nil {
		if err := shared.server.Remove(); err != nil {
			fmt.Fprintln(os.Stderr, "postgrestest:", err)
			return max(code, 1)
		}
	}
	return code
}

// URL returns the URL of a fresh, empty database on the process's shared
// server; it is gone when the test ends. Without PostgreSQL on the machine the
// test is skipped, or fails where CI=true.
func URL(t testing.TB) string {
	t.Helper()
	return sharedServer(t).URL(t)
}

func sharedServer(t testing.TB) *Server {
	t.Helper()
	shared.Lock()
	defer shared.Unlock()
	if shared.server == nil && shared.err == nil {
		shared.server, shared.err = Start()
	}
	giveUp(t, shared.err)
	return shared.server
}

// New returns a server of the test's own, to stop and start as it likes; it is
// removed when the test ends.
func New(t testing.TB) *Server {
	t.Helper()
	s, err := Start()
	giveUp(t, err)
	t.Cleanup(func() {
		if err := s.Remove(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// giveUp ends a test that has no server.
func giveUp(t testing.TB, err error) {
	t.Helper()
	switch {
	case err == nil:
	case errors.Is(err, errNoPostgres) && os.Getenv("CI") != "true":
		t.Skip("PostgreSQL is not installed (no initdb in PATH or /usr/lib/postgresql), so this was not tested on it.")
	default:
		t.Fatal(err)
	}
}

// URL returns the URL of a fresh, empty database on the server; it is gone when
// the test ends.
func (s *Server) URL(t testing.TB) string {
	t.Helper()
	name, err := s.emptyDatabase()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if !s.running() {
			return // the test has stopped it, and it goes with all its databases
		}
		if err := s.recycle(name); err != nil {
			t.Error(err)
		}
	})
	return s.url(name)
}

// emptyDatabase returns the name of one that an earlier test has done with, or
// else of a new one: making one takes a quarter of a second, emptying one a
// tenth of that.
func (s *Server) emptyDatabase() (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n := len(s.empty); n > 0 {
		name := s.empty[n-1]
		s.empty = s.empty[:n-1]
		return name, nil
	}
	s.made++
	name := fmt.Sprintf("test_%d", s.made)
	return name, s.run("postgres", `CREATE DATABASE `+name)
}

// recycle ends what is connected to a database, empties it and keeps it for a
// later test.
func (s *Server) recycle(name string) error {
	err := s.run("postgres", `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '`+name+`'`)
	if err != nil {
		return err
	}
	if err := s.run(name, `DROP SCHEMA public CASCADE; CREATE SCHEMA public`); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.empty = append(s.empty, name)
	return nil
}

// run runs statements in a database.
func (s *Server) run(database, statements string) error {
	db, err := sql.Open("pgx", s.url(database))
	if err != nil {
		return err
	}
	defer db.Close()
	if _, err = db.ExecContext(context.Background(), statements); err != nil {
		return fmt.Errorf("postgrestest: %s: %w", statements, err)
	}
	return nil
}
