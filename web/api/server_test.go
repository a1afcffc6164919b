package api

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"testing"

	"github.com/keylodge/keylodge/internal/hosts"
	"github.com/keylodge/keylodge/internal/httpguard"
	"github.com/keylodge/keylodge/internal/keyindex"
	"github.com/keylodge/keylodge/internal/workspace"
	"github.com/keylodge/keylodge/store"
)

// testServer is a Server on a real SQLite file without a workspace. Its base
// URL is http://localhost, and nobody is signed in.
type testServer struct {
	*Server
	log bytes.Buffer
}

const testOwner = "dana@acme.example"

// newTestServer starts one that is closed when the test ends. options change
// its configuration.
func newTestServer(t testing.TB, options ...func(*Config)) *testServer {
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
	c := Config{
		Service: workspace.NewService(db, workspace.Config{}), Log: slog.New(slog.NewTextHandler(&s.log, nil)),
		Hosts: hosts.NewBase(&url.URL{Scheme: "http", Host: "localhost"}), ClientIP: httpguard.ClientIP(nil),
		SignedIn: func(http.ResponseWriter, *http.Request) (workspace.Workspace, workspace.Member, error) {
			return workspace.Workspace{}, workspace.Member{}, &workspace.Error{Kind: workspace.Unauthenticated}
		},
	}
	for _, option := range options {
		option(&c)
	}
	if c.Index, err = keyindex.Open(t.Context(), db, keyindex.Options{}); err != nil {
		t.Fatal(err)
	}
	s.Server = New(c)
	return s
}

func (s *testServer) addWorkspace(t testing.TB, slug string) {
	t.Helper()
	n := workspace.NewWorkspace{Name: slug, Slug: slug, OwnerEmail: testOwner}
	if _, _, err := s.Service.CreateWorkspace(t.Context(), n); err != nil {
		t.Fatal(err)
	}
}

// addKey adds a key to a workspace and returns its secret.
func (s *testServer) addKey(t testing.TB, slug string, n workspace.NewKey) string {
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

func (s *testServer) send(r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

const formType = "application/x-www-form-urlencoded"

// request is one to the base host. headers are names and values in turn.
func request(method, target, body string, headers ...string) *http.Request {
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	for i := 0; i < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	r.Host = "localhost"
	return r
}
