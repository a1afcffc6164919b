//go:build unix

package store_test

import (
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/keylodge/keylodge/internal/workspace"
	"github.com/keylodge/keylodge/store"
)

// copyFile writes a file over another in place, as cp does.
func copyFile(from, to string) error {
	content, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	f, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	return errors.Join(err, f.Close())
}

// replacements are ways to take the file away from a running program. The
// backup is an earlier state of the same database.
var replacements = map[string]struct {
	do    func(path, backup string) error
	at    func(path string) string // a file that is whole after that; nil: none
	holds int                      // workspaces
}{
	"mv away": {
		func(path, _ string) error { return os.Rename(path, path+".old") },
		func(path string) string { return path + ".old" }, 4,
	},
	"mv of a backup":  {func(path, backup string) error { return os.Rename(backup, path) }, itself, 1},
	"cp of a backup":  {func(path, backup string) error { return copyFile(backup, path) }, itself, 1},
	"rm of the log":   {func(path, _ string) error { return os.Remove(path + "-wal") }, itself, 4},
	"rm of the index": {func(path, _ string) error { return os.Remove(path + "-shm") }, itself, 4},
	"mv of the folder": {
		func(path, _ string) error { return os.Rename(filepath.Dir(path), filepath.Dir(path)+".old") },
		func(path string) string { return filepath.Join(filepath.Dir(path)+".old", filepath.Base(path)) }, 4,
	},
	"another link, a file": {func(path, backup string) error {
		return errors.Join(os.Remove(path),
			os.Symlink(backup, path))
	}, itself, 1},
	"rm":                  {func(path, _ string) error { return os.Remove(path) }, nil, 0},
	"truncate":            {func(path, _ string) error { return os.Truncate(path, 0) }, nil, 0},
	"truncate of the log": {func(path, _ string) error { return os.Truncate(path+"-wal", 0) }, nil, 0},
	"rm of everything": {func(path, _ string) error {
		return errors.Join(os.Remove(path), os.Remove(path+"-wal"), os.Remove(path+"-shm"))
	}, nil, 0},
}

func itself(path string) string { return path }

// asAfterACrash opens a copy of a database and its log, as the next start finds
// them when the program was killed.
func asAfterACrash(t *testing.T, path string) *store.Store {
	t.Helper()
	to := filepath.Join(t.TempDir(), "keylodge.db")
	if err := copyFile(path, to); err != nil {
		t.Fatal(err)
	}
	if err := copyFile(path+"-wal", to+"-wal"); err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	return open(t, to)
}

// backedUp returns a migrated store and the path of a backup of an earlier
// state.
func backedUp(t *testing.T) (s *store.Store, path, backup string) {
	path = filepath.Join(t.TempDir(), "data", "keylodge.db")
	if err := os.Mkdir(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	s = migrated(t, path)
	if err := errors.Join(addWorkspace(t, s, 1), s.Close()); err != nil {
		t.Fatal(err)
	}
	backup = filepath.Join(t.TempDir(), "backup.db")
	if err := copyFile(path, backup); err != nil {
		t.Fatal(err)
	}
	s = open(t, path)
	for n := 2; n < 5; n++ {
		if err := addWorkspace(t, s, n); err != nil {
			t.Fatal(err)
		}
	}
	return s, path, backup
}

// TestSQLiteFileThatIsReplaced: what is written after the file was taken away
// is not acknowledged, and nothing is read any more.
func TestSQLiteFileThatIsReplaced(t *testing.T) {
	t.Parallel()
	for name, replacement := range replacements {
		for how, notice := range map[string]func(*store.Store) error{
			"write": func(s *store.Store) error { return addWorkspace(t, s, 5) },
			"watch": func(s *store.Store) error { return uses["a watch"](t.Context(), s) },
		} {
			t.Run(name+", "+how, func(t *testing.T) {
				s, path, backup := backedUp(t)
				if err := replacement.do(path, backup); err != nil {
					t.Fatal(err)
				}
				wantUnavailable(t, notice(s), "The database file was replaced")
				if _, ok := s.Stamp(); ok {
					t.Error("there still is a stamp")
				}
				for _, use := range uses {
					wantUnavailable(t, use(t.Context(), s), "The database file was replaced")
				}
				if _, err := s.Workspaces(t.Context(),
					workspace.WorkspaceFilter{Limit: 1}); workspace.KindOf(err) != workspace.Unavailable {
					t.Errorf("a read: %v", err)
				}
				if replacement.at == nil {
					return
				}
				if err := s.Close(); err != nil {
					t.Error(err)
				}
				again := asAfterACrash(t, replacement.at(path))
				if all, err := again.Workspaces(t.Context(), workspace.WorkspaceFilter{Limit: 100}); err != nil ||
					len(all) != replacement.holds {
					t.Errorf("afterwards the file has %d workspaces, want %d (%v)", len(all), replacement.holds, err)
				}
				if found, err := again.Damage(t.Context()); err != nil || len(found) > 0 {
					t.Errorf("afterwards the file is damaged: %q, %v", found, err)
				}
			})
		}
	}
}

// TestSQLiteFileReplacedWhileItIsWritten takes the file away while many write:
// whatever was acknowledged is in the file that was taken away.
func TestSQLiteFileReplacedWhileItIsWritten(t *testing.T) {
	t.Parallel()
	for range 5 {
		s, path, _ := backedUp(t)
		var mu sync.Mutex
		acknowledged := 3
		begun := make(chan struct{})
		var writers sync.WaitGroup
		for w := range 8 {
			writers.Go(func() {
				for n := 10 + w; ; n += 8 {
					if err := addWorkspace(t, s, n); err != nil {
						return
					}
					mu.Lock()
					if acknowledged++; acknowledged == 50 {
						close(begun)
					}
					mu.Unlock()
				}
			})
		}
		<-begun
		folder := filepath.Dir(path)
		if err := os.Rename(folder, folder+".old"); err != nil {
			t.Fatal(err)
		}
		writers.Wait()
		all, err := open(t, filepath.Join(folder+".old", "keylodge.db")).Workspaces(t.Context(),
			workspace.WorkspaceFilter{Limit: 1_000_000})
		if err != nil || len(all) < acknowledged {
			t.Errorf("%d workspaces are there, and %d were acknowledged: %v", len(all), acknowledged, err)
		}
	}
}

// TestSQLiteFileThatOthersUse: nothing that SQLite itself does with the file,
// in whichever process, is taken for a replacement.
func TestSQLiteFileThatOthersUse(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "keylodge.db")
	s := migrated(t, path)
	n := 100_000_000 // beyond the ids of processes
	use := func(name string) {
		t.Helper()
		for range 200 { // some of which move the log into the file
			if err := addWorkspace(t, s, n); err != nil {
				t.Fatalf("after %s: %v", name, err)
			}
			n++
		}
	}
	use("nothing")
	for _, statement := range []string{
		`PRAGMA wal_checkpoint(PASSIVE)`, `PRAGMA wal_checkpoint(TRUNCATE)`, `VACUUM`, `PRAGMA wal_checkpoint(RESTART)`,
		`VACUUM INTO '` + path + `.backup'`, `REINDEX`, `PRAGMA optimize`, `ANALYZE`,
	} {
		meddle(t, path, statement)
		use(statement)
	}
	anotherProcess(t, path)
	use("another process")
	second := open(t, path)
	if err := errors.Join(addWorkspace(t, second, n), second.Close()); err != nil {
		t.Fatal(err)
	}
	n++
	if err := errors.Join(os.Chmod(path, 0o640), os.Link(path, path+".link")); err != nil {
		t.Fatal(err)
	}
	use("a second store, chmod and ln")
	if err := s.Halted(); err != nil {
		t.Error(err)
	}
}

// TestSQLiteFileBehindALink: the files beside it are those of the file that the
// link leads to.
func TestSQLiteFileBehindALink(t *testing.T) {
	folder := t.TempDir()
	path, link := filepath.Join(folder, "keylodge.db"), filepath.Join(t.TempDir(), "link.db")
	if err := errors.Join(migrated(t, path).Close(), os.Symlink(path, link)); err != nil {
		t.Fatal(err)
	}
	s := open(t, link)
	if _, ok := s.Stamp(); !ok {
		t.Error("there is no stamp")
	}
	if err := addWorkspace(t, s, 1); err != nil {
		t.Fatal(err)
	}
	other := filepath.Join(folder, "other.db")
	if err := errors.Join(copyFile(path, other), os.Remove(link), os.Symlink(other, link)); err != nil {
		t.Fatal(err)
	}
	wantUnavailable(t, addWorkspace(t, s, 2), "The database file was replaced")
}
