package web

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"testing"

	"github.com/keylodge/keylodge/keyindex"
	"github.com/keylodge/keylodge/store"
	"github.com/keylodge/keylodge/workspace"
)

// testServer is a Server on a real SQLite file with the workspace "beta". Its base URL is http://localhost.
type testServer struct {
	*Server
	log bytes.Buffer
}

const testOwner = "dana@acme.example"

// newTestServer starts one that is closed when the test ends. options change its configuration.
func newTestServer(t *testing.T, options ...func(*Config)) *testServer {
	t.Helper()
	db, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "keylodge.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	if _, err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	s := &testServer{}
	c := Config{Service: workspace.NewService(db, workspace.Config{}), BaseURL: &url.URL{Scheme: "http", Host: "localhost"}, Log: slog.New(slog.NewTextHandler(&s.log, nil))}
	for _, option := range options {
		option(&c)
	}
	if c.Index, err = keyindex.Open(t.Context(), db, keyindex.Options{}); err != nil {
		t.Fatal(err)
	}
	s.Server = New(c)
	s.addWorkspace(t, "beta")
	return s
}

func (s *testServer) addWorkspace(t *testing.T, slug string) {
	t.Helper()
	if _, _, err := s.Service.CreateWorkspace(t.Context(), workspace.NewWorkspace{Name: slug, Slug: slug, OwnerEmail: testOwner}); err != nil {
		t.Fatal(err)
	}
}

// addKey adds a key to a workspace and returns its secret.
func (s *testServer) addKey(t *testing.T, slug string, n workspace.NewKey) string {
	t.Helper()
	w, err := s.Service.WorkspaceBySlug(t.Context(), slug)
	if err != nil {
		t.Fatal(err)
	}
	actor := workspace.Operator
	actor.WorkspaceID = w.ID
	_, secret, err := s.Service.AddKeyFor(t.Context(), actor, testOwner, n)
	if err != nil {
		t.Fatal(err)
	}
	return secret.Reveal()
}

func (s *testServer) answer(r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

// request is one to the base host. headers are names and values in turn.
func request(method, target, body string, headers ...string) *http.Request {
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	for i := 0; i < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	return withHost(r, "localhost")
}

func withHost(r *http.Request, host string) *http.Request {
	r.Host = host
	return r
}
