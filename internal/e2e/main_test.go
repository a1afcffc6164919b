// Package e2e tests what only the whole of Keylodge shows: the program, built
// with the race detector, on real databases and behind real gateways, while
// processes are killed and disks fill; and its pages in a real browser, for
// scripts, focus, history, the clipboard and layout. What a request to a
// handler shows is tested in web and web/api.
//
// Each test has a server with an empty database, and waits for events, not for
// time. At its end the log of each server is searched for every secret that the
// test used.
package e2e

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"testing"
	"time"

	"github.com/keylodge/keylodge/internal/postgrestest"
)

// timeout limits every wait of a test.
const timeout = 30 * time.Second

// binary is the path of the program under test.
var binary string

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	flag.Parse()
	if n := flag.Lookup("test.parallel"); n.Value.String() == strconv.Itoa(runtime.GOMAXPROCS(0)) {
		flag.Set(n.Name, strconv.Itoa(2*runtime.GOMAXPROCS(0))) // tests mostly wait for other processes
	}
	folder, err := os.MkdirTemp("", "keylodge-e2e-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(folder)
	binary = filepath.Join(folder, "keylodge")
	build := exec.Command("go", "build", "-race", "-o", binary, "github.com/keylodge/keylodge/cmd/keylodge")
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "e2e: can't build the program with the race detector, which needs cgo and gcc: %v\n%s",
			err, out)
		return 1
	}
	defer closeBrowser()
	return postgrestest.Main(m)
}

// onBothEngines runs a test on SQLite and on PostgreSQL, each with an empty
// database.
func onBothEngines(t *testing.T, scenario func(t *testing.T, database string)) {
	t.Helper()
	t.Run("SQLite", func(t *testing.T) { scenario(t, sqliteFile(t)) })
	t.Run("PostgreSQL", func(t *testing.T) { scenario(t, postgrestest.URL(t)) })
}

// sqliteFile returns the path of a database file that does not exist yet.
func sqliteFile(t testing.TB) string { return filepath.Join(t.TempDir(), "keylodge.db") }

// cannot ends a test that the machine can't run: skipped with the reason, or
// failed where CI=true.
func cannot(t testing.TB, reason string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatal(reason)
	}
	t.Skip(reason)
}

// eventually waits until the condition holds, and fails the test after timeout.
func eventually(t testing.TB, what string, condition func() bool) {
	t.Helper()
	deadline := time.Now().Add(timeout)
	for !condition() {
		if time.Now().After(deadline) {
			t.Fatalf("waited %v for: %s", timeout, what)
		}
		time.Sleep(15 * time.Millisecond)
	}
}
