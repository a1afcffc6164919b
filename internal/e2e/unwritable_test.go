package e2e

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// unprivileged returns a copy of the program and a folder for a database that
// belong to another user, and the attributes to run as that user. Root could
// write to every file.
func unprivileged(t testing.TB) (program, folder string, as *syscall.SysProcAttr) {
	t.Helper()
	root, err := os.MkdirTemp("", "keylodge-readonly-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(root) })
	program, folder = filepath.Join(root, "keylodge"), filepath.Join(root, "data")
	content, err := os.ReadFile(binary)
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range []error{os.Chmod(root, 0o755), os.WriteFile(program, content, 0o755), os.Mkdir(folder, 0o755)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() { os.Chmod(folder, 0o755) })
	if os.Geteuid() != 0 {
		return program, folder, nil
	}
	nobody, err := user.Lookup("nobody")
	if err != nil {
		cannot(t, "Root may write to everything, and there is no user nobody, so a read-only database was not tested.")
	}
	uid, _ := strconv.Atoi(nobody.Uid)
	gid, _ := strconv.Atoi(nobody.Gid)
	if err := os.Chown(folder, uid, gid); err != nil {
		t.Fatal(err)
	}
	return program, folder, &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
}

// startAs starts a copy of the program as another user, at a given address.
func startAs(t testing.TB, program string, as *syscall.SysProcAttr, database, address string) *server {
	t.Helper()
	s := &server{t: t, address: address, database: database, out: newRecorder(), log: newRecorder(),
		exited: make(chan struct{}), secrets: map[string]bool{}}
	s.cmd = command("serve", "--db", database, "--addr", address)
	s.cmd.Path, s.cmd.Dir, s.cmd.SysProcAttr = program, filepath.Dir(database), as
	s.cmd.Stdout, s.cmd.Stderr = s.out, s.log
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		s.cmd.Wait()
		close(s.exited)
	}()
	t.Cleanup(s.stop)
	eventually(t, "the server's first line",
		func() bool { return firstLine.MatchString(s.out.String()) || s.hasExited() })
	line := firstLine.FindStringSubmatch(s.out.String())
	if line == nil {
		t.Fatalf("it does not start:\n%s%s", s.out, s.log)
	}
	s.setup, s.url = line[1], line[2]+line[4]
	return s
}

// TestDatabaseFileThatMayNotBeWritten makes the file read-only: reads work, and
// each write fails with an error.
func TestDatabaseFileThatMayNotBeWritten(t *testing.T) {
	t.Parallel()
	program, folder, as := unprivileged(t)
	database := filepath.Join(folder, "keylodge.db")
	chmod := func(path string, mode os.FileMode) {
		t.Helper()
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
	}
	refused := func(arguments ...string) {
		t.Helper()
		ctx, cancel := context.WithTimeout(context.Background(), timeout)
		defer cancel()
		cmd := command(append(arguments, "--db", database)...)
		var out, err strings.Builder
		cmd.Path, cmd.Dir, cmd.SysProcAttr, cmd.Stdout, cmd.Stderr = program, folder, as, &out, &err
		if e := cmd.Start(); e != nil {
			t.Fatal(e)
		}
		defer context.AfterFunc(ctx, func() { cmd.Process.Kill() })()
		cmd.Wait()
		if code := cmd.ProcessState.ExitCode(); code != 1 || out.Len() > 0 {
			t.Errorf("%q: code %d, %s", arguments, code, out.String())
		}
		oneLineOf(t, err.String(), "may be read but not written", "may not be used", "can't be opened", "can't be made")
	}
	chmod(folder, 0o555)
	refused("serve", "--addr", "127.0.0.1:0") // no file can be created there
	chmod(folder, 0o755)
	address := freeAddress(t)
	s := startAs(t, program, as, database, address)
	dana := s.setUp(t)
	key := dana.addKey("before")
	s.stop()

	create := []string{"key", "create", "--workspace", "acme", "--owner", danaEmail}
	chmod(database, 0o444)
	refused(create...)
	s = startAs(t, program, as, database, address)
	s.checkUnwritable(t, dana, key, "may be read but not written")
	dana.want(s.newClient(t).post("/sign-in", fields("email", danaEmail, "password", danaPassword)),
		http.StatusServiceUnavailable, "may be read but not written")
	s.stop()
	chmod(database, 0o000)
	refused("serve", "--addr", "127.0.0.1:0")
	chmod(database, 0o600)
	for _, suffix := range []string{"-wal", "-shm"} { // SQLite gives them the mode of the file
		if err := os.Chmod(database+suffix, 0o600); err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
	}
	s = startAs(t, program, as, database, address)
	dana.addKey("after")
	s.stop()
	checkNothingHalfWritten(t, database)
}

// smallDisk mounts a small file system.
func smallDisk(t testing.TB) string {
	t.Helper()
	if os.Geteuid() != 0 || runtime.GOOS != "linux" {
		cannot(t, "Only root on Linux may mount a small disk, so a full one was not tested.")
	}
	folder := t.TempDir()
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", folder).CombinedOutput(); err != nil {
		cannot(t, fmt.Sprintf("A small disk can't be mounted here (%v: %s), so a full one was not tested.", err, out))
	}
	t.Cleanup(func() {
		if out, err := exec.Command("umount", folder).CombinedOutput(); err != nil {
			t.Errorf("%v: %s", err, out)
		}
	})
	return folder
}

func TestFullDisk(t *testing.T) {
	t.Parallel()
	folder := smallDisk(t)
	database := filepath.Join(folder, "keylodge.db")
	s := start(t, database)
	dana := s.setUp(t)
	key := dana.addKey("before")
	filler := filepath.Join(folder, "filler")
	f, err := os.Create(filler)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(f, strings.NewReader(strings.Repeat("x", 8<<20))); err == nil {
		t.Fatal("the disk took more than it holds")
	}
	f.Close()
	for i := 0; ; i++ { // writes succeed until the log is full
		a := dana.post("/settings/api-keys", keyForm(fmt.Sprint("fills ", i), fmt.Sprint(i)))
		if a.status != http.StatusCreated {
			break
		}
		if i == 500 {
			t.Fatal("the disk is full and takes more and more keys")
		}
	}
	s.checkUnwritable(t, dana, key, "disk of the database")
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	dana.addKey("after")
	s.stop()
	checkNothingHalfWritten(t, database)
	again := start(t, database)
	if a := again.verify(t, key); a.status != http.StatusNoContent {
		t.Errorf("after a restart the key gets %d", a.status)
	}
	again.stop() // before its disk is unmounted
}
