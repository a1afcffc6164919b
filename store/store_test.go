package store_test

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/keylodge/keylodge/internal/postgrestest"
	"github.com/keylodge/keylodge/internal/workspace"
	"github.com/keylodge/keylodge/store"
	"github.com/keylodge/keylodge/store/storetest"
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
	if _, err := os.Stat(dsn); os.IsNotExist(err) && !strings.Contains(dsn, "://") { // a new SQLite file: most of a test would be its migrations
		if err := os.WriteFile(dsn, emptyDatabase(t), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s := open(t, dsn)
	if _, err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s
}

var emptyOnce struct {
	sync.Once
	file []byte
}

// emptyDatabase returns an SQLite file with the present schema, which is made
// once.
func emptyDatabase(t testing.TB) []byte {
	t.Helper()
	emptyOnce.Do(func() {
		path := filepath.Join(t.TempDir(), "empty.db")
		s, err := store.Open(t.Context(), path)
		if err == nil {
			_, err = s.Migrate(t.Context())
		}
		if err == nil {
			err = s.Close()
		}
		if err == nil {
			emptyOnce.file, err = os.ReadFile(path)
		}
		if err != nil {
			t.Fatal(err)
		}
	})
	return emptyOnce.file
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
