package store_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/keylodge/keylodge/internal/postgrestest"
	"github.com/keylodge/keylodge/store"
	"github.com/keylodge/keylodge/store/storetest"
	"github.com/keylodge/keylodge/workspace"
)

func TestMain(m *testing.M) { os.Exit(postgrestest.Main(m)) }

// engines makes a fresh database of each engine and returns its DSN.
var engines = map[string]func(testing.TB) string{
	"SQLite":     func(t testing.TB) string { return filepath.Join(t.TempDir(), "keylodge.db") },
	"PostgreSQL": postgrestest.URL,
}

// eachEngine runs test on every engine.
func eachEngine(t *testing.T, test func(t *testing.T, dsn string)) {
	for name, database := range engines {
		t.Run(name, func(t *testing.T) { test(t, database(t)) })
	}
}

// open opens the database until the test ends.
func open(t testing.TB, dsn string) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// migrated opens the database with the present schema.
func migrated(t testing.TB, dsn string) *store.Store {
	t.Helper()
	s := open(t, dsn)
	if _, err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestStore(t *testing.T) {
	for name, database := range engines {
		t.Run(name, func(t *testing.T) {
			storetest.Run(t, func(t *testing.T) func() workspace.Store {
				dsn := database(t)
				migrated(t, dsn)
				return func() workspace.Store { return open(t, dsn) }
			})
		})
	}
}
