package store_test

import (
	"context"
	"database/sql"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/keylodge/keylodge/internal/workspace"
	"github.com/keylodge/keylodge/store"
)

// meddle runs statements on the database as somebody who is not Keylodge would.
func meddle(t *testing.T, dsn string, statements ...string) {
	t.Helper()
	driver := "sqlite"
	if strings.HasPrefix(dsn, "postgres:") {
		driver = "pgx"
	}
	db, err := sql.Open(driver, dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, s := range statements {
		if _, err := db.ExecContext(t.Context(), s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
}

// steps returns the names of the embedded migrations.
func steps(t *testing.T) (names []string) {
	t.Helper()
	files, err := filepath.Glob("migrations/*.sql")
	if err != nil || len(files) == 0 {
		t.Fatal("no migrations", err)
	}
	for _, f := range files {
		names = append(names, strings.TrimSuffix(filepath.Base(f), ".sql"))
	}
	return names
}

func TestMigrateSaysWhatItDidAndDoesItOnce(t *testing.T) {
	eachEngine(t, func(t *testing.T, dsn string) {
		s := open(t, dsn)
		for _, want := range [][]string{steps(t), nil} {
			got, err := s.Migrate(t.Context())
			if err != nil || !slices.Equal(got, want) {
				t.Fatalf("applied %q, %v; want %q", got, err, want)
			}
		}
	})
}

func TestMigrateAtOnceTakesEachStepOnce(t *testing.T) {
	eachEngine(t, func(t *testing.T, dsn string) {
		const processes = 6
		applied, errs := make([][]string, processes), make([]error, processes)
		var wg sync.WaitGroup
		for i := range processes {
			wg.Go(func() {
				s, err := store.Open(context.Background(), dsn)
				if err != nil {
					errs[i] = err
					return
				}
				defer s.Close()
				applied[i], errs[i] = s.Migrate(context.Background())
			})
		}
		wg.Wait()
		if err := errors.Join(errs...); err != nil {
			t.Fatal(err)
		}
		if got := slices.Sorted(slices.Values(slices.Concat(applied...))); !slices.Equal(got, steps(t)) {
			t.Errorf("applied in all %q, want %q", got, steps(t))
		}
	})
}

func TestMigrateRefusesADatabaseThatIsNotOurs(t *testing.T) {
	for name, c := range map[string]struct{ meddle, says string }{
		"a database from before the first release": {`UPDATE schema_migrations SET checksum = 'x' WHERE number = 1`,
			"before the first release of Keylodge (it begins with 0001_people)"},
		"a changed step": {`UPDATE schema_migrations SET checksum = 'x' WHERE number = 2`, "0002_keys is not ours"},
		"a newer database": {`INSERT INTO schema_migrations (number, name, checksum, applied_at)
			VALUES (99, '0099_future', 'x', 0)`, "newer version"},
		"a step left out": {`DELETE FROM schema_migrations WHERE number = 2`, "is not ours"},
	} {
		t.Run(name, func(t *testing.T) {
			eachMigrated(t, func(t *testing.T, dsn string) {
				s := migrated(t, dsn)
				meddle(t, dsn, c.meddle)
				applied, err := s.Migrate(t.Context())
				if err == nil || !strings.Contains(err.Error(), c.says) || applied != nil {
					t.Errorf("applied %q, error %v; want an error with %q", applied, err, c.says)
				}
			})
		})
	}
}

// TestMigrateLeavesFilesOfOthersAlone opens the SQLite file of another program.
func TestMigrateLeavesFilesOfOthersAlone(t *testing.T) {
	dsn := filepath.Join(t.TempDir(), "invoices.db")
	meddle(t, dsn, `CREATE TABLE invoices (id INTEGER)`)
	s := open(t, dsn)
	if applied, err := s.Migrate(t.Context()); err == nil || !strings.Contains(err.Error(), "another program") {
		t.Errorf("applied %q, %v", applied, err)
	}
	if _, _, err := s.MigrationsTaken(t.Context()); err == nil || !strings.Contains(err.Error(), "another program") {
		t.Errorf("the check says %v", err)
	}
	meddle(t, dsn, `CREATE TABLE schema_migrations (id INTEGER)`) // it has not been created
}

func TestMigrateLeavesNothingOfAStepThatFails(t *testing.T) {
	eachEngine(t, func(t *testing.T, dsn string) {
		s := open(t, dsn)
		meddle(t, dsn, `CREATE VIEW one_time_tokens AS SELECT 1`) // in the way of the middle of a step
		applied, err := s.Migrate(t.Context())
		if err == nil || !slices.Equal(applied, steps(t)[:2]) {
			t.Fatalf("applied %q, error %v", applied, err)
		}
		meddle(t, dsn, `DROP VIEW one_time_tokens`)
		applied, err = s.Migrate(t.Context())
		if err != nil || !slices.Equal(applied, steps(t)[2:]) {
			t.Fatalf("then applied %q, error %v", applied, err)
		}
	})
}

func TestChangesThatAreNoLongerKept(t *testing.T) {
	eachMigrated(t, func(t *testing.T, dsn string) {
		s := migrated(t, dsn)
		add := func(n string) int64 {
			t.Helper()
			w := workspace.Workspace{ID: "ws_" + n, Slug: "slug-" + n, Name: n}
			w.CreatedAt = w.CreatedAt.AddDate(2000, 0, 0)
			err := s.Change(t.Context(),
				func(tx workspace.ChangeTx) error { return tx.InsertWorkspace(t.Context(), w) })
			if err != nil {
				t.Fatal(err)
			}
			number, err := s.ChangeNumber(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			return number
		}
		since := func(number int64) error {
			_, err := s.FactsSince(t.Context(), number, nothing{})
			return err
		}
		first := add("1")
		meddle(t, dsn, `UPDATE change_counter SET number = CAST(100998 AS BIGINT) * 1048576`)
		second := add("2")
		if err := since(first); err != nil {
			t.Errorf("before the changes are pruned: %v", err)
		}
		third := add("3") // the 101,000th
		for number, want := range map[int64]error{0: workspace.ErrChangesGone, first: workspace.ErrChangesGone,
			second: nil, third: nil} {
			if err := since(number); !errors.Is(err, want) {
				t.Errorf("since %d: %v, want %v", number, err, want)
			}
		}
	})
}

// nothing is a FactSink that takes no notice.
type nothing struct{}

func (nothing) Workspace(workspace.WorkspaceFact) {}
func (nothing) Member(workspace.MemberFact)       {}
func (nothing) OldSecret(workspace.OldSecretFact) {}
func (nothing) Key(workspace.KeyFact)             {}
