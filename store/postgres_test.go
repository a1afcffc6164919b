package store_test

import (
	"strings"
	"testing"

	"github.com/keylodge/keylodge/internal/postgrestest"
	"github.com/keylodge/keylodge/internal/workspace"
	"github.com/keylodge/keylodge/store"
)

func TestPostgresThatStops(t *testing.T) {
	t.Parallel()
	server := postgrestest.New(t)
	s := migrated(t, server.URL(t))
	if err := addWorkspace(t, s, 1); err != nil {
		t.Fatal(err)
	}
	server.Stop()
	_, err := s.ChangeNumber(t.Context())
	wantUnavailable(t, err, "can't be reached")
	wantUnavailable(t, addWorkspace(t, s, 2), "can't be reached")
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	if err := addWorkspace(t, s, 2); err != nil {
		t.Errorf("once it is back: %v", err)
	}
	server.Crash()
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Workspaces(t.Context(), workspace.WorkspaceFilter{Limit: 10}); err != nil {
		t.Errorf("a read right after a crash: %v", err)
	}
}

func TestPostgresThatIsNotThere(t *testing.T) {
	t.Parallel()
	server := postgrestest.New(t)
	dsn := server.URL(t)
	for says, dsn := range map[string]string{
		"no database of this name": strings.Replace(dsn, "/test_1", "/none", 1),
		"can't be read":            "postgres://%zz",
	} {
		_, err := store.Open(t.Context(), dsn)
		wantUnavailable(t, err, says)
	}
	server.Stop()
	_, err := store.Open(t.Context(), dsn)
	wantUnavailable(t, err, "can't be reached")
}

func TestPostgresReadOnly(t *testing.T) {
	dsn := postgrestest.URL(t)
	migrated(t, dsn)
	s := open(t, dsn+"&default_transaction_read_only=on")
	wantUnavailable(t, addWorkspace(t, s, 1), "not written")
}

func TestPostgresURLKeepsItsPassword(t *testing.T) {
	for _, dsn := range []string{"postgres://kl:hunter2@127.0.0.1:1/x?connect_timeout=1",
		"postgres://kl:hunter2@[::1/x"} {
		_, err := store.Open(t.Context(), dsn)
		if err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("error %v; want one without the password", err)
		}
	}
}
