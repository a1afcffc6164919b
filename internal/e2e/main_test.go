// Package e2e tests Keylodge as its users meet it: the real program, built with
// the race detector, on real databases, asked by a real browser, by curl and by
// HTTP clients.
//
// A scenario starts its own server on its own empty database, and every wait is
// for something to happen. When a server stops, its exit code is checked, and
// its log is searched for every secret that the scenario has met.
package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/keylodge/keylodge/internal/postgrestest"
)

// patience is how long anything may take before a test gives up on it.
const patience = 30 * time.Second

// binary is the program under test.
var binary string

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	folder, err := os.MkdirTemp("", "keylodge-e2e-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(folder)
	binary = filepath.Join(folder, "keylodge")
	build := exec.Command("go", "build", "-race", "-o", binary, "github.com/keylodge/keylodge/cmd/keylodge")
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "e2e: the program can't be built with the race detector, which needs cgo and gcc: %v\n%s", err, out)
		return 1
	}
	defer closeBrowser()
	return postgrestest.Main(m)
}

// onBothEngines runs a scenario on SQLite and on PostgreSQL, each with an empty
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

// eventually waits until what is told is so, and fails the test when it does
// not become so.
func eventually(t testing.TB, what string, so func() bool) {
	t.Helper()
	deadline := time.Now().Add(patience)
	for !so() {
		if time.Now().After(deadline) {
			t.Fatalf("waited %v in vain: %s", patience, what)
		}
		time.Sleep(15 * time.Millisecond)
	}
}
