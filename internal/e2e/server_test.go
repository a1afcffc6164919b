package e2e

import (
	"bytes"
	"net"
	"net/url"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// server is a running Keylodge.
type server struct {
	t        testing.TB
	url      string // the URL in its first line
	address  string // where it listens
	setup    string // the set-up link; empty when the database has a workspace
	database string
	cmd      *exec.Cmd
	out, log *recorder // standard output, standard error
	exited   chan struct{}

	mu      sync.Mutex
	secrets map[string]bool
}

var firstLine = regexp.MustCompile(
	`^(?:Open ((\S+?)/setup\?token=(\S+)) to create the first workspace\.|Keylodge is running at (\S+))\n`)

// start runs the server on a database, with extra flags, and returns when it
// listens. It is stopped when the test ends. If the flags contain --addr, its
// port must not be 0.
func start(t testing.TB, database string, flags ...string) *server {
	t.Helper()
	address := "127.0.0.1:0"
	for i, flag := range flags {
		if flag == "--addr" {
			address = flags[i+1]
		}
	}
	s := launch(t, command(append([]string{"serve", "--db", database, "--addr", address}, flags...)...), address)
	s.database = database
	return s
}

// launch runs a command that serves at an address, and returns when it listens.
func launch(t testing.TB, cmd *exec.Cmd, address string) *server {
	t.Helper()
	s := begin(t, cmd)
	s.await(t, address)
	return s
}

// begin starts a command that serves.
func begin(t testing.TB, cmd *exec.Cmd) *server {
	t.Helper()
	s := &server{t: t, cmd: cmd, out: newRecorder(), log: newRecorder(), exited: make(chan struct{}),
		secrets: map[string]bool{}}
	s.cmd.Stdout, s.cmd.Stderr = s.out, s.log
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		s.cmd.Wait()
		close(s.exited)
	}()
	t.Cleanup(s.stop)
	return s
}

// await waits until the server listens at an address.
func (s *server) await(t testing.TB, address string) {
	t.Helper()
	eventually(t, "the server's first line",
		func() bool { return strings.Contains(s.out.String(), "\n") || s.hasExited() })
	line := firstLine.FindStringSubmatch(s.out.String())
	if line == nil {
		t.Fatalf("the first line is not as documented: %q\n%s", s.out, s.log)
	}
	s.setup, s.url, s.address = line[1], line[2]+line[4], address
	if line[3] != "" {
		s.secret(line[3])
	}
	if u, err := url.Parse(s.url); err == nil && strings.HasSuffix(address, ":0") {
		s.address = net.JoinHostPort("127.0.0.1", u.Port())
	}
}

// command returns a command of the program, with only the environment that it
// needs to run.
func command(arguments ...string) *exec.Cmd {
	cmd := exec.Command(binary, arguments...)
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "KEYLODGE_") {
			cmd.Env = append(cmd.Env, v)
		}
	}
	// Otherwise the race detector delays the end of a program by a second.
	// It reports races when it finds them.
	cmd.Env = append(cmd.Env, "GORACE=atexit_sleep_ms=0")
	return cmd
}

// secret records a text that must never be in a log.
func (s *server) secret(text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(text) >= 8 {
		s.secrets[text] = true
	}
}

func (s *server) hasExited() bool {
	select {
	case <-s.exited:
		return true
	default:
		return false
	}
}

// stop stops the server as an operator would, and checks what it leaves behind.
func (s *server) stop() {
	s.t.Helper()
	if s.hasExited() {
		return
	}
	s.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-s.exited:
	case <-time.After(timeout):
		s.cmd.Process.Kill()
		<-s.exited
		s.t.Errorf("the server did not stop\n%s", s.log)
	}
	if code := s.cmd.ProcessState.ExitCode(); code != 0 {
		s.t.Errorf("the server ended with code %d\n%s", code, s.log)
	}
	s.checkLog()
}

// kill ends the server like a power cut.
func (s *server) kill() {
	s.cmd.Process.Kill()
	<-s.exited
	s.checkLog()
}

// checkLog searches all output of the server for secrets and data races. Only
// the setup link may be there, on the first line of standard output.
func (s *server) checkLog() {
	s.t.Helper()
	_, rest, _ := strings.Cut(s.out.String(), "\n")
	all := rest + s.log.String()
	s.mu.Lock()
	defer s.mu.Unlock()
	for secret := range s.secrets {
		if strings.Contains(all, secret) || strings.Contains(all, url.QueryEscape(secret)) {
			s.t.Errorf("the log holds a secret: %q", secret)
		}
	}
	if strings.Contains(all, "DATA RACE") {
		s.t.Errorf("a data race:\n%s", all)
	}
	if strings.Contains(all, "panic:") {
		s.t.Errorf("a panic:\n%s", all)
	}
}

// freeAddress returns an address where nothing listens.
func freeAddress(t testing.TB) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// listens reports whether something listens at an address.
func listens(address string) bool {
	c, err := net.Dial("tcp", address)
	if err == nil {
		c.Close()
	}
	return err == nil
}

// recorder keeps all that is written to it.
type recorder struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func newRecorder() *recorder { return &recorder{} }

func (r *recorder) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.buf.Write(p)
}

func (r *recorder) String() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.buf.String()
}
