package postgrestest

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"syscall"
	"time"
)

var errNoPostgres = errors.New(
	"postgrestest: PostgreSQL is not installed: no initdb in PATH or /usr/lib/postgresql/*/bin")

const startLimit = 30 * time.Second

// Server is one PostgreSQL server on a port of 127.0.0.1. Its methods, but for
// URL, are for one goroutine at a time.
type Server struct {
	bin    string // the folder of initdb and postgres
	folder string // holds the cluster and the log
	port   int
	user   *syscall.SysProcAttr // as whom it runs
	exited chan struct{}        // closed when the process has ended; nil when none was started
	stop   chan syscall.Signal

	mu    sync.Mutex
	made  int      // databases
	empty []string // databases that no test uses
}

// Start makes a cluster in a temporary folder and starts its server, for what
// is no test. [Server.Remove] ends it.
func Start() (_ *Server, err error) {
	bin, err := binaries()
	if err != nil {
		return nil, err
	}
	s := &Server{bin: bin}
	if s.port, err = freePort(); err != nil {
		return nil, err
	}
	if s.folder, err = os.MkdirTemp("", "postgrestest-"); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.RemoveAll(s.folder))
		}
	}()
	if s.user, err = ownedByUnprivileged(s.folder); err != nil {
		return nil, err
	}
	initdb := exec.Command(filepath.Join(bin, "initdb"), "--pgdata", s.data(), "--username", "postgres",
		"--auth", "trust", "--encoding", "UTF8", "--locale", "C", "--no-sync")
	initdb.Dir, initdb.SysProcAttr = s.folder, s.user
	if out, err := initdb.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("postgrestest: initdb: %w\n%s", err, out)
	}
	return s, s.Start()
}

// binaries returns the folder of PostgreSQL's programs: the one in PATH, or
// else the newest that is installed where Debian puts them.
func binaries() (string, error) {
	if path, err := exec.LookPath("initdb"); err == nil {
		// Debian's commands in PATH are links to a wrapper; the programs are
		// where the link ends.
		if path, err = filepath.EvalSymlinks(path); err == nil && filepath.Base(path) == "initdb" {
			return filepath.Dir(path), nil
		}
	}
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if err != nil || len(found) == 0 {
		return "", errNoPostgres
	}
	return filepath.Dir(found[len(found)-1]), nil
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}

func (s *Server) data() string { return filepath.Join(s.folder, "data") }

func (s *Server) url(database string) string {
	return fmt.Sprintf("postgres://postgres@127.0.0.1:%d/%s?sslmode=disable", s.port, database)
}

// Start starts the server on the port that it has had from the beginning, and
// returns when it answers.
func (s *Server) Start() error {
	if s.running() {
		return nil
	}
	var log bytes.Buffer
	server := exec.Command(filepath.Join(s.bin, "postgres"), "-D", s.data(), "-p", fmt.Sprint(s.port),
		"-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "max_connections=200",
		"-c", "fsync=off", "-c", "full_page_writes=off", "-c", "shared_buffers=64MB")
	server.Dir, server.SysProcAttr, server.Stderr = s.folder, s.user, &log
	s.exited, s.stop = make(chan struct{}), make(chan syscall.Signal)
	started := make(chan error, 1)
	go keep(server, started, s.stop, s.exited)
	if err := <-started; err != nil {
		return fmt.Errorf("postgrestest: %w", err)
	}
	if err := s.awaitAnswer(); err != nil {
		s.end(syscall.SIGQUIT)
		return fmt.Errorf("postgrestest: the server does not answer: %w\n%s", err, log.String())
	}
	return nil
}

// keep runs the server until it ends. It holds its thread: the kernel sends the
// parent-death signal when the thread that started a process ends, not only
// when the whole parent does.
func keep(server *exec.Cmd, started chan<- error, stop <-chan syscall.Signal, exited chan<- struct{}) {
	runtime.LockOSThread()
	defer close(exited)
	err := server.Start()
	started <- err
	if err != nil {
		return
	}
	over := make(chan struct{})
	go func() {
		for {
			select {
			case sig := <-stop:
				server.Process.Signal(sig)
			case <-over:
				return
			}
		}
	}()
	server.Wait()
	close(over)
}

func (s *Server) awaitAnswer() error {
	db, err := sql.Open("pgx", s.url("postgres"))
	if err != nil {
		return err
	}
	defer db.Close()
	ctx, cancel := context.WithTimeout(context.Background(), startLimit)
	defer cancel()
	for {
		err := db.PingContext(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return err
		case <-s.exited:
			return errors.New("it has ended")
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// running reports whether the server's process is there.
func (s *Server) running() bool {
	if s.exited == nil {
		return false
	}
	select {
	case <-s.exited:
		return false
	default:
		return true
	}
}

// Stop ends the server and every connection to it ("fast shutdown"), and
// returns when it is gone.
func (s *Server) Stop() { s.end(syscall.SIGINT) }

// Crash ends the server as a crash of it would ("immediate shutdown"), and
// returns when it is gone.
func (s *Server) Crash() { s.end(syscall.SIGQUIT) }

// Restart stops the server and starts it again.
func (s *Server) Restart() error {
	s.Stop()
	return s.Start()
}

func (s *Server) end(signal syscall.Signal) {
	if !s.running() {
		return
	}
	select {
	case s.stop <- signal:
	case <-s.exited:
	}
	<-s.exited
}

// Database returns the URL of a fresh, empty database on the server.
func (s *Server) Database() (string, error) {
	name, err := s.emptyDatabase()
	return s.url(name), err
}

// Remove ends the server and deletes all that it has left.
func (s *Server) Remove() error {
	s.end(syscall.SIGQUIT)
	return os.RemoveAll(s.folder)
}
