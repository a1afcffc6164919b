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

// addWorkspace adds a workspace and returns the operator, acting in it.
func (s *testServer) addWorkspace(t testing.TB, slug string) workspace.Actor {
	t.Helper()
	n := workspace.NewWorkspace{Name: slug, Slug: slug, OwnerEmail: testOwner}
	w, _, err := s.Service.CreateWorkspace(t.Context(), n)
	if err != nil {
		t.Fatal(err)
	}
	operator := workspace.Operator
	operator.WorkspaceID = w.ID
	return operator
}

// addKey adds a key of the owner of a workspace, and returns its secret.
func (s *testServer) addKey(t testing.TB, slug string, n workspace.NewKey) string {
	t.Helper()
	w, err := s.Service.WorkspaceBySlug(t.Context(), slug)
	if err != nil {
		t.Fatal(err)
	}
	operator := workspace.Operator
	operator.WorkspaceID = w.ID
	return s.addKeyOf(t, operator, testOwner, n)
}

// addKeyOf adds a key of a member with an email, or a service account with an
// id.
func (s *testServer) addKeyOf(t testing.TB, operator workspace.Actor, owner string, n workspace.NewKey) string {
	t.Helper()
	_, secret, err := s.Service.AddKeyFor(t.Context(), operator, owner, n)
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

func (s *testServer) postJSON(path, key, body string) *httptest.ResponseRecorder {
	return s.send(request("POST", path, body, "Authorization", "Bearer "+key, "Content-Type", "application/json"))
}

// want fails the test unless an answer has a status and all texts in its body.
func (s *testServer) want(
	t testing.TB,
	a *httptest.ResponseRecorder,
	status int,
	texts ...string,
) *httptest.ResponseRecorder {
	t.Helper()
	if a.Code != status {
		t.Errorf("status %d, want %d: %s", a.Code, status, a.Body)
	}
	for _, text := range texts {
		if !strings.Contains(a.Body.String(), text) {
			t.Errorf("no %q in %s", text, a.Body)
		}
	}
	return a
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
