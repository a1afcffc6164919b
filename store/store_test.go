package store_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/keylodge/keylodge/internal/postgrestest"
	"github.com/keylodge/keylodge/store"
	"github.com/keylodge/keylodge/store/storetest"
)

func TestMain(m *testing.M) { os.Exit(postgrestest.Main(m)) }

// engines makes a fresh database of each engine and returns its DSN.
var engines = map[string]func(testing.TB) string{
	"SQLite":     func(t testing.TB) string { return filepath.Join(t.TempDir(), "keylodge.db") },
	"PostgreSQL": postgrestest.URL,
}

// migratedEngines makes a database of each engine with the present schema, most
// of it prepared once, and returns its DSN.
var migratedEngines = map[string]func(testing.TB) string{
	"SQLite": func(t testing.TB) string {
		path := filepath.Join(t.TempDir(), "keylodge.db")
		prepareSQLite(t, path)
		return path
	},
	"PostgreSQL": postgresTemplate.URL,
}

var postgresTemplate = postgrestest.Template{Prepare: func(ctx context.Context, url string) error {
	s, err := store.Open(ctx, url)
	if err != nil {
		return err
	}
	_, err = s.Migrate(ctx)
	return errors.Join(err, s.Close())
}}

// eachEngine runs test on an empty database of every engine.
func eachEngine(t *testing.T, test func(t *testing.T, dsn string)) {
	for name, database := range engines {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, database(t))
		})
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

// eachMigrated runs test on a database of every engine with the present schema.
func eachMigrated(t *testing.T, test func(t *testing.T, dsn string)) {
	for name, database := range migratedEngines {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, database(t))
		})
	}
}

// migrated opens the database with the present schema.
func migrated(t testing.TB, dsn string) *store.Store {
	t.Helper()
	if _, err := os.Stat(dsn); os.IsNotExist(err) && !store.IsPostgres(dsn) {
		prepareSQLite(t, dsn)
	}
	s := open(t, dsn)
	if _, err := s.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return s
}

// prepareSQLite writes a new SQLite file with the present schema.
func prepareSQLite(t testing.TB, path string) {
	t.Helper()
	if err := os.WriteFile(path, emptyDatabase(t), 0o600); err != nil {
		t.Fatal(err)
	}
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
	for name, database := range migratedEngines {
		t.Run(name, func(t *testing.T) {
			storetest.Run(t, func(t *testing.T) func() storetest.Store {
				dsn := database(t)
				return func() storetest.Store { return open(t, dsn) }
			})
		})
	}
}
