//go:build unix

package store_test

import (
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
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

// A page is a walk along an index of its own, whatever else the workspace
// holds: no plan sorts more than a page, reads past other members' keys, or
// counts rows of the table.
func TestSQLitePagesWalkTheirIndexes(t *testing.T) {
	t.Parallel()
	index := map[workspace.KeyState]string{
		workspace.KeyActive: "keys_unrevoked", workspace.KeyExpired: "keys_expiring",
		workspace.KeyRevoked: "keys_revoked",
	}
	place := workspace.KeyCursor{At: time.Unix(1, 0), ID: "key_00000000000000000000"}
	back := workspace.KeyCursor{At: place.At, ID: place.ID, Before: true}
	for owner, suffix := range map[string]string{"": " (", "usr_1": "_of_owner (workspace_id=? AND owner_id=?"} {
		q := workspace.KeyQuery{WorkspaceID: "ws_1", OwnerID: owner, Now: time.Unix(2, 0), Limit: 20}
		for _, q.State = range workspace.KeyStates {
			for _, q.From = range []workspace.KeyCursor{{}, place, back} {
				wantPlans(t, "SEARCH keys USING INDEX "+index[q.State]+suffix, func(s *store.Store) error {
					_, err := s.Keys(t.Context(), q)
					return err
				})
			}
		}
		wantPlans(t, "SEARCH keys USING COVERING INDEX keys_expiring"+suffix, func(s *store.Store) error {
			_, err := s.KeyCounts(t.Context(), q)
			return err
		})
	}
}

// So is a page in any other order, and one of the keys that an admin looks for.
func TestSQLiteOrdersAndFiltersWalkTheirIndexes(t *testing.T) {
	t.Parallel()
	at := time.Unix(1, 0)
	for order, want := range map[workspace.KeyOrder]string{
		workspace.SortByName:   "SEARCH keys USING INDEX keys_by_name",
		workspace.SortByOwner:  "SEARCH keys USING INDEX keys_by_owner",
		workspace.SortByExpiry: "SEARCH keys USING INDEX keys_by_expiry",
		workspace.SortByUse:    "SEARCH lu USING COVERING INDEX last_uses_in_order",
	} {
		for _, state := range []workspace.KeyState{workspace.KeyActive, workspace.KeyRevoked} {
			for _, order := range []workspace.KeyOrder{order, "-" + order} {
				for _, from := range []workspace.KeyCursor{{},
					{At: at, Text: map[bool]string{true: "x"}[order == workspace.SortByName || order == "-name" ||
						order == workspace.SortByOwner || order == "-owner"], ID: "key_00000000000000000000"}} {
					wantPlans(t, want, func(s *store.Store) error {
						_, err := s.Keys(t.Context(), workspace.KeyQuery{WorkspaceID: "ws_1", State: state,
							Order: order, Now: at, Limit: 20, From: from, Text: "x", UnusedSince: at})
						return err
					})
				}
			}
		}
	}
	for want, q := range map[string]workspace.KeyQuery{
		"SEARCH keys USING INDEX keys_with_full_access (": {FullAccess: true},
		"SEARCH keys USING INDEX keys_restricted (":       {Restricted: true},
	} {
		q.WorkspaceID, q.State, q.Now, q.Limit = "ws_1", workspace.KeyActive, at, 20
		wantPlans(t, want, func(s *store.Store) error {
			_, err := s.Keys(t.Context(), q)
			return err
		})
	}
}

// So is a page of the audit log, whatever it is narrowed to, between which days
// and however deep. Of two filters by whom and about what, one is walked along.
func TestSQLiteAuditLogWalksItsIndexes(t *testing.T) {
	t.Parallel()
	for words, filter := range map[string]workspace.EventQuery{
		"events_of_workspace (workspace_id=?":              {},
		"events_by_action (workspace_id=? AND action=?":    {Action: workspace.ActionKeyAdded},
		"events_by_actor (workspace_id=? AND actor_id=?":   {ActorID: "usr_1"},
		"events_by_target (workspace_id=? AND target_id=?": {TargetID: "key_1"},
		"events_by_actor_and_action (workspace_id=? AND actor_id=? AND action=?": {ActorID: "usr_1",
			Action: workspace.ActionKeyAdded},
		"events_by_target_and_action (workspace_id=? AND target_id=? AND action=?": {TargetID: "key_1",
			Action: workspace.ActionKeyAdded},
	} {
		for days, bounds := range map[string][2]time.Time{
			")": {}, " AND at>? AND at<?)": {time.Unix(1, 0), time.Unix(2, 0)},
		} {
			filter := filter
			filter.WorkspaceID, filter.Limit, filter.From, filter.To = "ws_1", 51, bounds[0], bounds[1]
			wantPlans(t, "SEARCH events USING INDEX "+words+days, func(s *store.Store) error {
				_, err := s.Events(t.Context(), filter)
				return err
			})
		}
		deep := filter
		deep.WorkspaceID, deep.Limit, deep.To, deep.After = "ws_1", 51, time.Unix(1<<40, 0), "evt_ws_1_1"
		s := migrated(t, filepath.Join(t.TempDir(), "keylodge.db"))
		addEvents(t, s, "ws_1", 1, 1)
		if _, err := s.Events(t.Context(), deep); err != nil {
			t.Fatal(err)
		}
		plans, err := s.Plans(t.Context())
		if all := strings.Join(plans, ""); err != nil || !strings.Contains(all, words) ||
			!strings.Contains(all, "(at,id)<(?,?)") {
			t.Errorf("deep in it the plans are\n%s%v", all, err)
		}
	}
}

// wantPlans fails the test unless every statement that ask runs has the words
// in its plan, and sorts nothing before it.
func wantPlans(t *testing.T, words string, ask func(*store.Store) error) {
	t.Helper()
	s := migrated(t, filepath.Join(t.TempDir(), "keylodge.db"))
	if err := ask(s); err != nil {
		t.Fatal(err)
	}
	plans, err := s.Plans(t.Context())
	if err != nil || len(plans) == 0 {
		t.Fatal("no plans", err)
	}
	for _, plan := range plans {
		before, _, found := strings.Cut(plan, words)
		if !found || strings.Contains(before, "TEMP B-TREE") {
			t.Errorf("the plan is\n%swant %s", plan, words)
		}
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

// lockedByOthers says whether another process holds the lock by which SQLite
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
