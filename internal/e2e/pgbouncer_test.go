package e2e

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/keylodge/keylodge/internal/postgrestest"
)

// startPgBouncer runs PgBouncer in transaction mode in front of a database, and
// returns a function that stops it.
func startPgBouncer(t *testing.T, address, database string) (stop func()) {
	t.Helper()
	program, err := exec.LookPath("pgbouncer")
	if err != nil {
		cannot(t, "PgBouncer is not installed.")
	}
	u := parse(t, database)
	host, port, _ := net.SplitHostPort(address)
	folder, err := os.MkdirTemp("", "keylodge-pgbouncer-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(folder) })
	config := filepath.Join(folder, "pgbouncer.ini")
	text := fmt.Sprintf("[databases]\n* = host=%s port=%s user=postgres\n\n"+
		"[pgbouncer]\nlisten_addr = %s\nlisten_port = %s\nunix_socket_dir =\nauth_type = any\n"+
		"pool_mode = transaction\ndefault_pool_size = 5\nmax_client_conn = 200\n", u.Hostname(), u.Port(), host, port)
	if err := os.WriteFile(config, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	arguments := []string{config}
	if os.Geteuid() == 0 {
		arguments = []string{"-u", "nobody", config} // it refuses root
	}
	cmd, log := exec.Command(program, arguments...), newRecorder()
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	exited := make(chan struct{})
	go func() { cmd.Wait(); close(exited) }()
	stop = func() {
		cmd.Process.Signal(syscall.SIGTERM)
		<-exited
	}
	t.Cleanup(stop)
	eventually(t, "PgBouncer listens", func() bool {
		select {
		case <-exited:
			t.Fatalf("PgBouncer ended:\n%s", log)
		default:
		}
		return listens(address)
	})
	return stop
}

// TestBehindPgBouncer runs two nodes that share five connections, none of which
// belongs to one node.
func TestBehindPgBouncer(t *testing.T) {
	t.Parallel()
	database := postgrestest.URL(t)
	address := freeAddress(t)
	stop := startPgBouncer(t, address, database)
	pooled := atHost(t, database, address)
	one, two := start(t, pooled), start(t, pooled)
	checkNodes(t, one, two)

	dana := one.signIn(t, danaEmail, danaPassword)
	key := dana.addKey("busy")
	statuses := make([]int, 300)
	together(len(statuses), func(i int) {
		if i%10 == 0 {
			a, err := dana.trySend(http.MethodGet, "/settings/api-keys", nil)
			if err == nil && a.status == http.StatusOK {
				statuses[i] = http.StatusNoContent
			}
			return
		}
		node := dana.elsewhere([]*server{one, two}[i%2])
		if a, err := node.trySend(http.MethodGet, "/verify", nil, "X-API-Key", key); err == nil {
			statuses[i] = a.status
		}
	})
	for i, status := range statuses {
		if status != http.StatusNoContent {
			t.Fatalf("request %d gets %d", i, status)
		}
	}

	stop()
	if a := one.verify(t, key); a.status != http.StatusServiceUnavailable {
		t.Errorf("without PgBouncer a check gets %d", a.status)
	}
	startPgBouncer(t, address, database)
	for _, s := range []*server{one, two} {
		eventually(t, "it answers again", func() bool { return s.verify(t, key).status == http.StatusNoContent })
	}
	dana.revoke(dana.keyID("busy"))
	if a := two.verify(t, key); a.status != http.StatusUnauthorized {
		t.Errorf("a revoked key gets %d", a.status)
	}
	one.stop() // before their database is
	two.stop()
}
