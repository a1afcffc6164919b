package store_test

import (
	"database/sql"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/keylodge/keylodge/internal/workspace"
	"github.com/keylodge/keylodge/store"
)

func TestSQLiteFullDisk(t *testing.T) {
	s := migrated(t, filepath.Join(t.TempDir(), "keylodge.db"))
	if err := addWorkspace(t, s, 1); err != nil {
		t.Fatal(err)
	}
	before, err := s.ChangeNumber(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := s.LimitPages(t.Context(), 1); err != nil { // no page more than there are
		t.Fatal(err)
	}
	err = s.Change(t.Context(), func(tx workspace.ChangeTx) error {
		for n := 2; n < 10_000; n++ {
			insertWorkspace(t, tx, n) // whoever passes over the error keeps no half of it either
		}
		return nil
	})
	wantUnavailable(t, err, "full")
	if after, err := s.ChangeNumber(t.Context()); err != nil || after != before {
		t.Errorf("number %d, %v; want %d", after, err, before)
	}
	if all, err := s.Workspaces(t.Context(), workspace.WorkspaceFilter{Limit: 100}); err != nil || len(all) != 1 {
		t.Errorf("%d workspaces, %v; want the one from before", len(all), err)
	}
	if err := s.LimitPages(t.Context(), 1<<30); err != nil {
		t.Fatal(err)
	}
	if err := addWorkspace(t, s, 2); err != nil {
		t.Errorf("after room was made: %v", err)
	}
}

func TestSQLiteLockedByAnotherProgram(t *testing.T) {
	t.Parallel() // it waits out the busy timeout
	path := filepath.Join(t.TempDir(), "keylodge.db")
	s := migrated(t, path)
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	if _, err := db.ExecContext(t.Context(), `BEGIN IMMEDIATE`); err != nil {
		t.Fatal(err)
	}
	wantUnavailable(t, addWorkspace(t, s, 1), "busy")
	if _, err := s.Workspaces(t.Context(), workspace.WorkspaceFilter{Limit: 1}); err != nil {
		t.Errorf("reading meanwhile: %v", err)
	}
	if _, err := db.ExecContext(t.Context(), `ROLLBACK`); err != nil {
		t.Fatal(err)
	}
	if err := addWorkspace(t, s, 1); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}

func TestSQLiteWithoutAFolder(t *testing.T) {
	_, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "none", "keylodge.db"))
	wantUnavailable(t, err, "folder")
}

func TestSQLiteFileThatIsNoDatabase(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keylodge.db")
	if err := os.WriteFile(path, []byte(strings.Repeat("This is a letter to my aunt. ", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := store.Open(t.Context(), path)
	wantUnavailable(t, err, "no Keylodge database")
}

func TestSQLiteReadOnly(t *testing.T) {
	for name, c := range map[string]struct{ file, folder os.FileMode }{
		"file":            {0o444, 0o777},
		"file and folder": {0o444, 0o555},
	} {
		t.Run(name, func(t *testing.T) {
			folder := filepath.Join(openToAll(t), "database")
			path := filepath.Join(folder, "keylodge.db")
			if err := os.Mkdir(folder, 0o755); err != nil {
				t.Fatal(err)
			}
			s := migrated(t, path)
			if err := errors.Join(addWorkspace(t, s, 1), s.Close()); err != nil {
				t.Fatal(err)
			}
			if err := errors.Join(os.Chmod(path, c.file), os.Chmod(folder, c.folder)); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { os.Chmod(folder, 0o755) })
			asNobody(t, path)
			if err := errors.Join(os.Chmod(folder, 0o755), os.Chmod(path, 0o600)); err != nil {
				t.Fatal(err)
			}
			// What nobody may have left beside the file is theirs; the file
			// itself is as it was.
			os.Remove(path + "-wal")
			os.Remove(path + "-shm")
			if all, err := open(t, path).Workspaces(t.Context(), workspace.WorkspaceFilter{Limit: 10}); err != nil ||
				len(all) != 1 {
				t.Errorf("%d workspaces, %v", len(all), err)
			}
		})
	}
}

// openToAll makes a folder that other users may enter, as the folders of
// t.TempDir are not.
func openToAll(t *testing.T) string {
	folder, err := os.MkdirTemp("", "keylodge-store-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(folder) })
	if err := os.Chmod(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	return folder
}

// asNobody runs TestAsNobody on the database in a process that permissions hold
// for: root's own pass them all.
func asNobody(t *testing.T, path string) {
	t.Helper()
	program := filepath.Join(openToAll(t), "store.test")
	binary, err := os.ReadFile(os.Args[0])
	if err == nil {
		err = os.WriteFile(program, binary, 0o755)
	}
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program, "-test.run=^TestAsNobody$", "-test.count=1")
	cmd.Dir = filepath.Dir(program)
	cmd.Env = append(os.Environ(), asProcess+"="+path)
	if os.Geteuid() == 0 {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	}
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("the other process: %v\n%s", err, out)
	}
}

func TestAsNobody(t *testing.T) {
	path := os.Getenv(asProcess)
	if path == "" {
		t.Skip("this is what asNobody runs")
	}
	s, err := store.Open(t.Context(), path)
	if err == nil {
		t.Cleanup(func() { s.Close() })
		err = addWorkspace(t, s, 2)
	}
	wantUnavailable(t, err, "file")
}
