package e2e

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
)

// gatewayKind is a gateway that docs/gateways has a configuration for.
type gatewayKind struct {
	name, program string
	files         []string // of docs/gateways; the first is the configuration
	arguments     func(folder string) []string

	withoutKeylodge int // what a client gets when Keylodge is not there
}

var gatewayKinds = []gatewayKind{
	{"nginx", "nginx", []string{"nginx.conf"}, func(folder string) []string {
		return []string{"-c", filepath.Join(folder, "nginx.conf"), "-p", folder, "-e", "stderr",
			"-g", "daemon off; pid " + filepath.Join(folder, "nginx.pid") + ";"}
	}, 503},
	{"Caddy", "caddy", []string{"Caddyfile"}, func(folder string) []string {
		return []string{"run", "--config", filepath.Join(folder, "Caddyfile"), "--adapter", "caddyfile"}
	}, 502},
	{"HAProxy", "haproxy", []string{"haproxy.cfg", "keylodge.lua"}, func(folder string) []string {
		return []string{"-db", "-C", folder, "-f", "haproxy.cfg"}
	}, 503},
}

// gateway is a running one, between its clients and an API that says what it is asked.
type gateway struct {
	*testing.T
	gatewayKind
	keylodge *server
	address  string
	client   *client

	mu    sync.Mutex
	asked []*http.Request // what the API was asked
	body  string          // the last body
}

// eachGateway runs a test with each kind of gateway, in front of a Keylodge on a database, whose owner is Dana.
func eachGateway(t *testing.T, database func(t testing.TB) string, test func(g *gateway, dana *client)) {
	for _, kind := range gatewayKinds {
		t.Run(kind.name, func(t *testing.T) {
			t.Parallel()
			if _, err := exec.LookPath(kind.program); err != nil {
				if os.Getenv("CI") == "true" {
					t.Fatal(err)
				}
				t.Skipf("%s is not installed, so its configuration was not tested.", kind.name)
			}
			s := start(t, database(t), "--addr", freeAddress(t), "--trusted-proxies", "127.0.0.0/8")
			dana := s.setUp(t)
			test(startGateway(t, kind, s), dana)
		})
	}
}

// startGateway runs the configuration of docs/gateways as it is there, but for the addresses in it.
func startGateway(t *testing.T, kind gatewayKind, s *server) *gateway {
	t.Helper()
	g := &gateway{T: t, gatewayKind: kind, keylodge: s, address: freeAddress(t)}
	api := httptest.NewServer(g)
	t.Cleanup(api.Close)
	folder := t.TempDir()
	addresses := strings.NewReplacer("127.0.0.1:8080", s.address, "127.0.0.1:9000", api.Listener.Addr().String(), "127.0.0.1:8000", g.address)
	for _, name := range kind.files {
		content, err := os.ReadFile(filepath.Join("..", "docs", "gateways", name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, name), []byte(addresses.Replace(string(content))), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd, log := exec.Command(kind.program, kind.arguments(folder)...), newRecorder()
	cmd.Dir, cmd.Stdout, cmd.Stderr = folder, log, log
	cmd.Env = append(os.Environ(), "HOME="+folder)
	cmd.WaitDelay = patience
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	exited := make(chan struct{})
	go func() { cmd.Wait(); close(exited) }()
	t.Cleanup(func() {
		cmd.Process.Signal(syscall.SIGTERM) // and no harder: nginx ends its workers
		<-exited
		if t.Failed() {
			t.Logf("%s says:\n%s", kind.name, log)
		}
	})
	eventually(t, kind.name+" listens", func() bool {
		select {
		case <-exited:
			t.Fatalf("%s ended:\n%s", kind.name, log)
		default:
		}
		connection, err := net.Dial("tcp", g.address)
		if err == nil {
			connection.Close()
		}
		return err == nil
	})
	g.client = s.newClient(t)
	g.client.base = "http://" + g.address
	g.client.http.Transport = http.DefaultTransport.(*http.Transport).Clone()
	return g
}

// ServeHTTP is the API.
func (g *gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	g.mu.Lock()
	defer g.mu.Unlock()
	g.asked = append(g.asked, r)
	g.body = string(body)
	w.Header().Set("X-From-The-Api", "yes")
	w.Write([]byte("welcome"))
}

// passes sends a request that must reach the API, and returns it as the API saw it.
func (g *gateway) passes(what string, headers ...string) *http.Request {
	g.Helper()
	a := g.client.get("/invoices?page=2", headers...)
	g.mu.Lock()
	defer g.mu.Unlock()
	if a.status != http.StatusOK || a.body != "welcome" || len(g.asked) == 0 {
		g.Fatalf("%s: %d %s", what, a.status, a.body)
	}
	last := g.asked[len(g.asked)-1]
	g.asked = nil
	return last
}

// refused sends a request that must not reach the API.
func (g *gateway) refused(what string, status int, headers ...string) answer {
	g.Helper()
	a := g.client.get("/invoices", headers...)
	g.mu.Lock()
	defer g.mu.Unlock()
	if a.status != status || len(g.asked) > 0 || a.header.Get("X-From-The-Api") != "" {
		g.Errorf("%s: %d, want %d; the API was asked %d times", what, a.status, status, len(g.asked))
	}
	g.asked = nil
	return a
}
