package web

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/keylodge/keylodge/internal/keyindex"
	"github.com/keylodge/keylodge/internal/postgrestest"
	"github.com/keylodge/keylodge/internal/secret"
	"github.com/keylodge/keylodge/internal/workspace"
	"github.com/keylodge/keylodge/store"
)

func TestMain(m *testing.M) { os.Exit(postgrestest.Main(m)) }

// testServer is a Server on a real SQLite file without a workspace. Its base
// URL is http://localhost.
type testServer struct {
	*Server
	Service  *workspace.Service
	Index    *keyindex.Index
	log      bytes.Buffer
	database string // the SQLite file, or the URL of a PostgreSQL database
	folder   string // of the SQLite file
	secrets  testSecrets
}

const testOwner = "dana@acme.example"

// newTestServer starts one that is closed when the test ends. options change
// its configuration.
func newTestServer(t *testing.T, options ...func(*Config)) *testServer {
	t.Helper()
	folder := t.TempDir()
	s := newTestServerOn(t, filepath.Join(folder, "keylodge.db"), options...)
	s.folder = folder
	return s
}

// newTestServerOn is newTestServer on an empty database, which may be on
// PostgreSQL.
func newTestServerOn(t *testing.T, database string, options ...func(*Config)) *testServer {
	t.Helper()
	s := &testServer{database: database}
	t.Cleanup(func() { s.checkLog(t) })
	db, err := store.Open(t.Context(), database)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	if _, err := db.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	base := &url.URL{Scheme: "http", Host: "localhost"}
	c := Config{Service: workspace.NewService(db, workspace.Config{Links: NewLinks(base)}), BaseURL: base,
		Log: slog.New(slog.NewTextHandler(&s.log, nil))}
	for _, option := range options {
		option(&c)
	}
	if c.Index, err = keyindex.Open(t.Context(), db, keyindex.Options{}); err != nil {
		t.Fatal(err)
	}
	s.Server, s.Service, s.Index = New(c), c.Service, c.Index
	return s
}

func (s *testServer) addWorkspace(t *testing.T, slug string) {
	t.Helper()
	_, _, err := s.Service.CreateWorkspace(t.Context(),
		workspace.NewWorkspace{Name: slug, Slug: slug, OwnerEmail: testOwner})
	if err != nil {
		t.Fatal(err)
	}
}

// addKey adds a key to a workspace and returns its secret.
func (s *testServer) addKey(t *testing.T, slug string, n workspace.NewKey) string {
	t.Helper()
	_, secret := s.newKeyAndSecret(t, slug, n)
	return secret.Reveal()
}

// newKey adds a key to a workspace.
func (s *testServer) newKey(t *testing.T, slug string, n workspace.NewKey) workspace.Key {
	t.Helper()
	key, _ := s.newKeyAndSecret(t, slug, n)
	return key
}

func (s *testServer) newKeyAndSecret(t *testing.T, slug string, n workspace.NewKey) (workspace.Key, secret.Secret) {
	t.Helper()
	w, err := s.Service.WorkspaceBySlug(t.Context(), slug)
	if err != nil {
		t.Fatal(err)
	}
	actor := workspace.Operator
	actor.WorkspaceID = w.ID
	key, keySecret, err := s.Service.AddKeyFor(t.Context(), actor, testOwner, n)
	if err != nil {
		t.Fatal(err)
	}
	return key, keySecret
}

func (s *testServer) answer(r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	s.ServeHTTP(recorder{w}, r)
	return w
}

// recorder accepts the deadlines that a download sets.
type recorder struct{ *httptest.ResponseRecorder }

func (recorder) SetWriteDeadline(time.Time) error { return nil }

// setUp creates the first workspace, "acme", by its page, and returns the
// cookies of its owner.
func (s *testServer) setUp(t *testing.T) []*http.Cookie {
	t.Helper()
	token, err := s.Service.NewSetupToken(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	form := url.Values{"token": {token}, "workspace_name": {"Acme"}, "slug": {"acme"}, "name": {"Dana Okafor"},
		"email": {testOwner}, "password": {testPassword}}
	r := request("POST", "/setup", form.Encode(), "Content-Type", formType)
	r.RemoteAddr = testAddr
	a := s.answer(r)
	s.secret(token)
	s.secret(testPassword)
	s.noteSecrets(a)
	if a.Code != http.StatusSeeOther {
		t.Fatalf("set-up: status %d", a.Code)
	}
	return a.Result().Cookies()
}

const formType = "application/x-www-form-urlencoded"

// request returns a request to the base host. headers are names and values in
// turn.
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
