package e2e

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// gateway is a program that verifies each request's key with Keylodge, and its
// ready configuration in docs/gateways.
type gateway struct {
	name        string
	program     string
	config      string   // the file in docs/gateways
	beside      []string // files there that the configuration needs
	listen      string   // the configuration's line about where it listens
	listens     string   // that line in a test; "%s" is the address, "%p" its port
	around      string   // a test's configuration, which contains the real one at "%s"; "%d" is a temporary folder
	run         []string // the arguments; "%d" is the temporary folder
	doubled     int      // its status when there are two Authorization headers
	takesAny2xx bool     // not only 204
	edit        func(file, text string) string
}

var gateways = []gateway{
	{
		name: "nginx", program: "nginx", config: "nginx.conf", listen: "listen 8000;", listens: "listen %s;",
		doubled: http.StatusBadRequest, takesAny2xx: true,
		// Like Debian's nginx.conf, which includes the files of conf.d.
		around: "user root; daemon off; pid %d/pid; error_log stderr; events {}\n" +
			"http { access_log off; client_body_temp_path %d/body; proxy_temp_path %d/proxy;\n%s}\n",
		run: []string{"-p", "%d", "-c", "%d/nginx.conf"},
	},
	{
		name: "Caddy", program: "caddy", config: "Caddyfile", listen: "\n:8000 {", listens: "\n:%p {",
		doubled: http.StatusUnauthorized,
		around:  "{\n\tadmin off\n\tdefault_bind 127.0.0.1\n\tstorage file_system %d\n}\n%s",
		run:     []string{"run", "--adapter", "caddyfile", "--config", "%d/Caddyfile"},
	},
	{
		name: "HAProxy", program: "haproxy", config: "haproxy.cfg", beside: []string{"keylodge.lua"},
		listen: "bind :8000", listens: "bind %s", doubled: http.StatusUnauthorized,
		around: "%s",
		run:    []string{"-db", "-f", "%d/haproxy.cfg"},
	},
}

// onEachGateway runs a test with every gateway. A gateway that is not installed
// is skipped, or fails the test where CI=true.
func onEachGateway(t *testing.T, scenario func(t *testing.T, g gateway)) {
	t.Helper()
	for _, g := range gateways {
		t.Run(g.name, func(t *testing.T) {
			t.Parallel()
			g.path(t)
			scenario(t, g)
		})
	}
}

func (g gateway) path(t testing.TB) string {
	t.Helper()
	for _, name := range []string{g.program, "/usr/sbin/" + g.program} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	cannot(t, g.program+" is not installed, so docs/gateways/"+g.config+" was not tested.")
	return ""
}

// front is a running gateway and the service behind it.
type front struct {
	*server // where the gateway listens; its log is the gateway's
	service *service
}

// before starts the gateway in front of a new service. It verifies keys with
// the Keylodge at an address.
func (g gateway) before(t testing.TB, keylodge string) front {
	t.Helper()
	program, folder, behind := g.path(t), t.TempDir(), newService(t)
	f := front{service: behind, server: &server{
		t: t, address: freeAddress(t), out: newRecorder(), log: newRecorder(), exited: make(chan struct{}),
		secrets: map[string]bool{},
	}}
	f.url = "http://" + f.address
	for _, name := range append([]string{g.config}, g.beside...) {
		g.copyFile(t, name, folder, keylodge, f)
	}
	var arguments []string
	for _, a := range g.run {
		arguments = append(arguments, strings.ReplaceAll(a, "%d", folder))
	}
	f.cmd = exec.Command(program, arguments...)
	f.cmd.Dir, f.cmd.Stdout, f.cmd.Stderr = folder, f.log, f.log
	f.cmd.Env = append(os.Environ(), "HOME="+folder, "XDG_DATA_HOME="+folder, "XDG_CONFIG_HOME="+folder)
	if err := f.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		f.cmd.Wait()
		close(f.exited)
	}()
	t.Cleanup(func() {
		f.end(t)
		f.checkLog()
	})
	eventually(t, g.name+" listens", func() bool {
		if f.hasExited() {
			t.Fatalf("%s ended:\n%s", g.name, f.log)
		}
		return listens(f.address)
	})
	return f
}

// copyFile copies a file of docs/gateways. Only the addresses that the file
// says to change are changed.
func (g gateway) copyFile(t testing.TB, name, folder, keylodge string, f front) {
	t.Helper()
	content, err := os.ReadFile(filepath.Join("..", "..", "docs", "gateways", name))
	if err != nil {
		t.Fatal(err)
	}
	text := string(content)
	if name == g.config {
		_, port, _ := net.SplitHostPort(f.address)
		if !strings.Contains(text, g.listen) {
			t.Fatalf("docs/gateways/%s does not say %q", name, g.listen)
		}
		text = strings.NewReplacer(
			g.listen, strings.NewReplacer("%s", f.address, "%p", port).Replace(g.listens),
			"127.0.0.1:8080", keylodge,
			"127.0.0.1:9000", f.service.Listener.Addr().String(),
			"/etc/haproxy/", folder+"/",
		).Replace(text)
		text = strings.Replace(strings.ReplaceAll(g.around, "%d", folder), "%s", text, 1)
	}
	text = strings.ReplaceAll(text, "abns@keylodge", "abns@keylodge-"+f.address) // tests run at the same time
	if g.edit != nil {
		text = g.edit(name, text)
	}
	if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// end stops the gateway at once.
func (f front) end(t testing.TB) {
	f.cmd.Process.Signal(os.Interrupt) // every gateway and its child processes end at once
	eventually(t, "the gateway ends", f.hasExited)
}

// service is what the gateway protects. It responds with the request that it
// received.
type service struct {
	*httptest.Server
	mu    sync.Mutex
	asked int
}

// received is a request as the service received it.
type received struct {
	Method, URI, Body string
	Header, Trailer   http.Header
}

func newService(t testing.TB) *service {
	s := &service{}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.asked++
		s.mu.Unlock()
		body, _ := io.ReadAll(r.Body)
		json.NewEncoder(w).Encode(received{r.Method, r.RequestURI, string(body), r.Header, r.Trailer})
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *service) times() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked
}

// wasAsked fails the test unless the response comes from the service, and
// returns the request that the service received.
func (f front) wasAsked(t testing.TB, a answer) (r received) {
	t.Helper()
	if err := json.Unmarshal([]byte(a.body), &r); a.status != http.StatusOK || err != nil {
		t.Fatalf("status %d: %s\n%s", a.status, a.body, f.log)
	}
	return r
}

// identity returns every header that a service may treat as one of Keylodge's,
// by its name in capitals, as CGI spells it.
func identity(h http.Header) map[string]string {
	found := map[string]string{}
	for name, values := range h {
		name = strings.ToUpper(strings.NewReplacer("-", "_", ".", "_").Replace(name))
		if value := strings.Join(values, "|"); strings.Contains(name, "KEYLODGE") && value != "" {
			found[name] += value
		}
	}
	return found
}

// checkIdentity fails the test unless the service received exactly the identity
// that Keylodge responds with.
func checkIdentity(t testing.TB, received http.Header, keylodge answer) {
	t.Helper()
	want, got := identity(keylodge.header), identity(received)
	if want["X_KEYLODGE_WORKSPACE"] == "" || !maps.Equal(got, want) {
		t.Errorf("the service received\n%v instead of\n%v", fmt.Sprint(got), fmt.Sprint(want))
	}
}
