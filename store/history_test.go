package store_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/keylodge/keylodge/internal/workspace"
	"github.com/keylodge/keylodge/store"
)

// goBack takes workspace n, the newest change, back as a failover that was not
// synchronous does.
func goBack(t *testing.T, dsn string, n int) {
	t.Helper()
	id := fmt.Sprint("ws_", n)
	meddle(t, dsn,
		`DELETE FROM workspaces WHERE id = '`+id+`'`,
		`DELETE FROM changes WHERE subject_id = '`+id+`'`,
		`UPDATE change_counter SET number = (SELECT MAX(number) FROM changes)`)
}

func number(t *testing.T, s *store.Store) int64 {
	t.Helper()
	n, err := s.ChangeNumber(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func add(t *testing.T, s *store.Store, n int) int64 {
	t.Helper()
	if err := addWorkspace(t, s, n); err != nil {
		t.Fatal(err)
	}
	return number(t, s)
}

// uses are the ways to use a store.
var uses = map[string]func(context.Context, *store.Store) error{
	"the newest number": func(ctx context.Context, s *store.Store) error {
		_, err := s.ChangeNumber(ctx)
		return err
	},
	"a load": func(ctx context.Context, s *store.Store) error {
		_, err := s.AllFacts(ctx, nothing{})
		return err
	},
	"a change": func(ctx context.Context, s *store.Store) error {
		return s.Change(ctx, func(workspace.ChangeTx) error { return nil })
	},
	"an update": func(ctx context.Context, s *store.Store) error {
		return s.Update(ctx, func(workspace.Tx) error { return nil })
	},
	"a watch": func(ctx context.Context, s *store.Store) error {
		ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
		defer cancel()
		s.Watch(ctx) // until it notices
		return s.Halted()
	},
}

// TestLostHistory: whichever use of a database that went back comes first, it
// notices, and from then on there is none, until the database is opened again.
// That goes for changes that the process committed, and for those that it has
// only applied; and for numbers that are missing, and those of other changes.
func TestLostHistory(t *testing.T) {
	for name := range uses {
		for _, c := range []lostChange{{}, {committed: true}, {reused: true}, {committed: true, reused: true}} {
			c.first = name
			t.Run(fmt.Sprintf("%s, committed %v, reused %v", name, c.committed, c.reused), func(t *testing.T) {
				eachMigrated(t, c.test)
			})
		}
	}
}

// lostChange is a change that the database loses.
type lostChange struct {
	first     string // the use of the database, one of uses, that comes first afterwards
	committed bool   // by the process itself, which has otherwise only applied it
	reused    bool   // its number, by another change
}

func (c lostChange) test(t *testing.T, dsn string) {
	var log bytes.Buffer
	s, err := store.OpenWith(t.Context(), dsn, store.Options{Log: slog.New(slog.NewTextHandler(&log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	c.lose(t, dsn, s)

	const want = "Restart Keylodge to accept it"
	err = uses[c.first](t.Context(), s)
	if c.first == "the newest number" && c.reused {
		if err != nil { // it is not clear yet that there is another history
			t.Fatal(err)
		}
		_, err = s.FactsSince(t.Context(), 0, nothing{})
	}
	wantUnavailable(t, err, want)
	for _, use := range uses {
		wantUnavailable(t, use(t.Context(), s), want)
	}
	_, err = s.Workspaces(t.Context(), workspace.WorkspaceFilter{Limit: 1})
	wantUnavailable(t, err, want)
	if lines := strings.Count(log.String(), "\n"); lines != 1 || !strings.Contains(log.String(), "level=ERROR") {
		t.Errorf("the log has %d lines:\n%s", lines, &log)
	}

	again := open(t, dsn)
	if _, err := again.AllFacts(t.Context(), nothing{}); err != nil {
		t.Errorf("after a restart: %v", err)
	}
	if err := addWorkspace(t, again, 9); err != nil {
		t.Errorf("after a restart: %v", err)
	}
}

// lose has s learn of a change, and the database lose it.
func (c lostChange) lose(t *testing.T, dsn string, s *store.Store) {
	t.Helper()
	other := open(t, dsn)
	add(t, other, 0)
	var err error
	if c.committed {
		err = addWorkspace(t, s, 1)
	} else {
		add(t, other, 1)
		_, err = s.AllFacts(t.Context(), nothing{})
	}
	if err != nil {
		t.Fatal(err)
	}
	goBack(t, dsn, 1)
	if c.reused {
		for n := range 2 { // the first has the count of the lost one
			add(t, open(t, dsn), 2+n)
		}
	}
}

// TestLostHistoryThatIsReloaded: with LostHistoryReload the process goes on
// with what there is, and says so.
func TestLostHistoryThatIsReloaded(t *testing.T) {
	eachMigrated(t, func(t *testing.T, dsn string) {
		var log bytes.Buffer
		s, err := store.OpenWith(t.Context(), dsn,
			store.Options{LostHistory: store.LostHistoryReload, Log: slog.New(slog.NewTextHandler(&log, nil))})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		if _, err := s.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		kept := add(t, s, 1)
		lost := add(t, s, 2)
		goBack(t, dsn, 2)
		for n := 3; n < 5; n++ { // the first has the count of the lost one
			if add(t, s, n) == lost {
				t.Error("a lost number is used again")
			}
			if _, err := s.FactsSince(t.Context(), lost, nothing{}); !errors.Is(err, workspace.ErrChangesGone) {
				t.Errorf("since a lost number: %v", err)
			}
			if _, err := s.FactsSince(t.Context(), kept, nothing{}); err != nil {
				t.Errorf("since a number that was kept: %v", err)
			}
		}
		if !strings.Contains(log.String(), "level=WARN") || strings.Contains(log.String(), "level=ERROR") {
			t.Errorf("the log:\n%s", &log)
		}
	})
}
