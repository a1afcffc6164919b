//go:build unix

package store_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/keylodge/keylodge/internal/workspace"
	"github.com/keylodge/keylodge/store"
)

// addWorkspace adds workspace n in a change of its own.
func addWorkspace(t testing.TB, s *store.Store, n int) error {
	t.Helper()
	return s.Change(t.Context(), func(tx workspace.ChangeTx) error { return insertWorkspace(t, tx, n) })
}

func insertWorkspace(t testing.TB, tx workspace.ChangeTx, n int) error {
	return tx.InsertWorkspace(t.Context(), workspace.Workspace{
		ID: fmt.Sprint("ws_", n), Slug: fmt.Sprint("slug-", n), Name: strings.Repeat("n", 100),
		CreatedAt: time.Unix(int64(n), 0),
	})
}

// wantUnavailable fails the test unless err is one for people, with the words.
func wantUnavailable(t testing.TB, err error, words string) {
	t.Helper()
	e, ok := errors.AsType[*workspace.Error](err)
	if !ok || e.Kind != workspace.Unavailable || !strings.Contains(e.Message, words) || e.Cause == nil {
		t.Fatalf("got error %v, want an unavailable one that says %q", err, words)
	}
}

func TestSQLitePathsMayHaveAnyName(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"a b.db", "what?.db", "100%41.db", "no#1.db", "a&b=c+d;.db", "日本語.db", ":memory:",
		"file:x.db", "it's.db"} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), name)
			if err := addWorkspace(t, migrated(t, path), 1); err != nil {
				t.Fatal(err)
			}
			if info, err := os.Stat(path); err != nil || info.Size() == 0 {
				t.Errorf("the database is not in its file: %v", err)
			}
		})
	}
}

func TestSQLiteFilesAreTheOwnersOnly(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keylodge.db")
	migrated(t, path)
	for _, suffix := range []string{"", "-wal", "-shm"} {
		info, err := os.Stat(path + suffix)
		if err != nil {
			t.Fatal(err)
		}
		if mode := info.Mode().Perm(); mode != 0o600 {
			t.Errorf("%s has mode %o", info.Name(), mode)
		}
	}
}

func TestSQLiteCloseMovesTheLogIntoTheFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keylodge.db")
	s := migrated(t, path)
	if _, err := s.Workspaces(t.Context(), workspace.WorkspaceFilter{Limit: 10}); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for _, suffix := range []string{"-wal", "-shm"} {
		if _, err := os.Stat(path + suffix); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s is left: %v", suffix, err)
		}
	}
}

// Closing a descriptor of a file drops every lock that the process has on it.
// If closing one Store did that to the other, a process that opens the database
// would take the WAL index for nobody's and cut it off.
func TestSQLiteClosingOneStoreLeavesTheOthersLocks(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keylodge.db")
	s := migrated(t, path)
	second := open(t, path)
	if err := second.Close(); err != nil {
		t.Fatal(err)
	}
	anotherProcess(t, path)
	before, _ := s.Stamp()
	anotherProcess(t, path)
	if after, ok := s.Stamp(); !ok || after == before {
		t.Error("the stamp does not show another process's commit")
	}
	if all, err := s.Workspaces(t.Context(), workspace.WorkspaceFilter{Limit: 10}); err != nil || len(all) != 2 {
		t.Errorf("%d workspaces of two other processes, %v", len(all), err)
	}
}

const asProcess = "KEYLODGE_TEST_DATABASE"

// anotherProcess opens the database in a process of its own, adds a workspace
// and closes it.
func anotherProcess(t *testing.T, path string) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestAsAnotherProcess$", "-test.count=1")
	cmd.Env = append(os.Environ(), asProcess+"="+path)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("the other process: %v\n%s", err, out)
	}
}

func TestAsAnotherProcess(t *testing.T) {
	path := os.Getenv(asProcess)
	if path == "" {
		t.Skip("this is what anotherProcess runs")
	}
	if !lockedByOthers(t, path+"-shm") {
		t.Error("the process that has the database open has lost its lock on the WAL index")
	}
	s := open(t, path)
	if err := addWorkspace(t, s, os.Getpid()); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

// lockedByOthers reports whether another process holds the lock by which SQLite
// tells that a WAL index is in use: the "dead-man switch", byte 128 of the
// file.
func lockedByOthers(t *testing.T, path string) bool {
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lock := unix.Flock_t{Type: unix.F_WRLCK, Start: 128, Len: 1}
	if err := unix.FcntlFlock(f.Fd(), unix.F_GETLK, &lock); err != nil {
		t.Fatal(err)
	}
	return lock.Type != unix.F_UNLCK
}
