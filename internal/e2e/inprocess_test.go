package e2e

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/keylodge/keylodge/internal/keyindex"
	"github.com/keylodge/keylodge/internal/workspace"
	"github.com/keylodge/keylodge/store"
	"github.com/keylodge/keylodge/web"
)

// serve runs a server in the test's process on a new SQLite file. Pages don't
// depend on the process, and starting one takes a second. The server writes
// usage at once instead of every few seconds. configure may be nil.
func serve(t testing.TB, configure func(*web.Config)) *server {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	base := &url.URL{Scheme: "http", Host: net.JoinHostPort("localhost", port)}
	s := &server{t: t, out: newRecorder(), log: newRecorder(), database: sqliteFile(t), url: base.String(),
		address: listener.Addr().String(), secrets: map[string]bool{}}
	t.Cleanup(s.checkLog)
	db := openStore(t, s.database)
	service := workspace.NewService(db, workspace.Config{Links: web.NewLinks(base)})
	token, err := service.NewSetupToken(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	s.secret(token)
	s.setup = s.url + "/setup?token=" + token
	index, err := keyindex.Open(t.Context(), db, keyindex.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(index.Close)
	log := slog.New(slog.NewTextHandler(s.log, nil))
	c := web.Config{Service: service, Index: index, BaseURL: base, Log: log}
	if configure != nil {
		configure(&c)
	}
	web := &http.Server{Handler: web.New(c), ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelError)}
	ctx, stop := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() {
		if err := web.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			t.Error(err)
		}
	})
	running.Go(func() {
		index.FlushEvery(ctx, 50*time.Millisecond, func(err error) { t.Errorf("usage flush failed: %v", err) })
	})
	running.Go(func() {
		service.RunJobs(ctx, func(j workspace.Job, err error) { t.Errorf("job %s failed: %v", j.ID, err) })
	})
	t.Cleanup(func() {
		web.Close()
		stop()
		running.Wait()
	})
	return s
}

// openStore opens and migrates a database; it is closed when the test ends.
func openStore(t testing.TB, database string) *store.Store {
	t.Helper()
	db, err := store.Open(t.Context(), database)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	if _, err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return db
}

// operatorAction is something that an operator does in a workspace.
type operatorAction func(context.Context, *workspace.Service, workspace.Actor) error

// operator does something in the workspace "acme" as the operator, without
// starting a process.
func (s *server) operator(t testing.TB, do operatorAction) {
	t.Helper()
	s.operatorAt(t, "acme", do)
}

// operatorAt is operator in another workspace.
func (s *server) operatorAt(t testing.TB, slug string, do operatorAction) {
	t.Helper()
	db, err := store.Open(t.Context(), s.database)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	service := workspace.NewService(db, workspace.Config{})
	w, err := service.WorkspaceBySlug(t.Context(), slug)
	if err != nil {
		t.Fatal(err)
	}
	actor := workspace.Operator
	actor.WorkspaceID = w.ID
	if err := do(t.Context(), service, actor); err != nil {
		t.Fatal(err)
	}
}

// newKey adds a key of Dana to "acme", as the operator, and returns its secret.
func (s *server) newKey(t testing.TB, n workspace.NewKey) string {
	t.Helper()
	_, secret := s.newKeyAt(t, "acme", n)
	return secret
}

// newKeyAt adds a key of Dana to a workspace, as the operator, and returns its
// id and secret.
func (s *server) newKeyAt(t testing.TB, slug string, n workspace.NewKey) (id, secret string) {
	t.Helper()
	s.operatorAt(t, slug, func(ctx context.Context, service *workspace.Service, actor workspace.Actor) error {
		key, revealed, err := service.AddKeyFor(ctx, actor, danaEmail, n)
		if err == nil {
			id, secret = key.ID, revealed.Reveal()
			s.secret(secret)
		}
		return err
	})
	return id, secret
}
