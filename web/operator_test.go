package web

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
	_ "modernc.org/sqlite"             // the driver "sqlite"

	"github.com/keylodge/keylodge/internal/postgrestest"
	"github.com/keylodge/keylodge/internal/workspace"
	"github.com/keylodge/keylodge/store"
)

// A second member of "acme", and the owner of the workspace "beta". Their
// password is testPassword.
const (
	samEmail = "sam@acme.example"
	benEmail = "ben@beta.example"
)

const testBase = "http://localhost" // the base URL of a testServer

// onBothEngines runs a test on SQLite and on PostgreSQL, each with an empty
// database. It is for what happens at the same time.
func onBothEngines(t *testing.T, test func(t *testing.T, s *testServer)) {
	t.Helper()
	t.Run("SQLite", func(t *testing.T) { test(t, newTestServer(t)) })
	t.Run("PostgreSQL", func(t *testing.T) { test(t, newTestServerOn(t, postgrestest.URL(t))) })
}

// operator returns the operator in a workspace.
func (s *testServer) operator(t testing.TB, slug string) workspace.Actor {
	t.Helper()
	w, err := s.Service.WorkspaceBySlug(t.Context(), slug)
	if err != nil {
		t.Fatal(err)
	}
	actor := workspace.Operator
	actor.WorkspaceID = w.ID
	return actor
}

// addMember adds a member whose password is testPassword.
func (s *testServer) addMember(t testing.TB, slug, email string, role workspace.Role) {
	t.Helper()
	name, _, _ := strings.Cut(email, "@")
	_, err := s.Service.AddMember(t.Context(), s.operator(t, slug), name, email, testPassword, role)
	if err != nil {
		t.Fatal(err)
	}
}

// addSam adds Sam to the workspace "acme".
func (s *testServer) addSam(t testing.TB, role workspace.Role) {
	t.Helper()
	_, err := s.Service.AddMember(t.Context(), s.operator(t, "acme"), "Sam", samEmail, testPassword, role)
	if err != nil {
		t.Fatal(err)
	}
}

// addBeta adds the workspace "beta", which Ben owns.
func (s *testServer) addBeta(t testing.TB) {
	t.Helper()
	_, _, err := s.Service.CreateWorkspace(t.Context(), workspace.NewWorkspace{
		Name: "Beta", Slug: "beta", OwnerName: "Ben", OwnerEmail: benEmail, OwnerPassword: testPassword,
	})
	if err != nil {
		t.Fatal(err)
	}
}

// setRole changes the role of a member of "acme", as the operator.
func (s *testServer) setRole(t testing.TB, email string, role workspace.Role) {
	t.Helper()
	s.changeMember(t, "acme", email, func(m *workspace.Member) { m.Role = role })
}

// setActive deactivates or activates a member, as the operator.
func (s *testServer) setActive(t testing.TB, slug, email string, active bool) {
	t.Helper()
	s.changeMember(t, slug, email, func(m *workspace.Member) { m.Active = active })
}

func (s *testServer) changeMember(t testing.TB, slug, email string, alter func(*workspace.Member)) {
	t.Helper()
	_, err := s.Service.ChangeMemberByEmail(t.Context(), s.operator(t, slug), email, alter)
	if err != nil {
		t.Fatal(err)
	}
}

// resetToken returns the token of a link that sets a user's password.
func (s *testServer) resetToken(t testing.TB, email string) string {
	t.Helper()
	token, err := s.Service.NewResetLink(t.Context(), email)
	if err != nil {
		t.Fatal(err)
	}
	s.secret(token)
	return token
}

// liftSignInPolicy lifts the sign-in policy of "acme", as the operator.
func (s *testServer) liftSignInPolicy(t testing.TB) {
	t.Helper()
	if err := s.Service.SetSignInPolicy(t.Context(), s.operator(t, "acme"), "", 0); err != nil {
		t.Fatal(err)
	}
}

// disableKey disables a key of "acme", as the operator.
func (s *testServer) disableKey(t testing.TB, id string) {
	t.Helper()
	if _, err := s.Service.DisableKey(t.Context(), s.operator(t, "acme"), id); err != nil {
		t.Fatal(err)
	}
}

// revokeKey revokes a key of "acme", as the operator.
func (s *testServer) revokeKey(t testing.TB, id string) {
	t.Helper()
	if _, err := s.Service.RevokeKey(t.Context(), s.operator(t, "acme"), id, ""); err != nil {
		t.Fatal(err)
	}
}

// flushUsage writes the usage of keys that the server has counted.
func (s *testServer) flushUsage(t testing.TB) {
	t.Helper()
	if err := s.Index.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// db opens the server's database while the server runs, as another process
// would.
func (s *testServer) db(t testing.TB) *sql.DB {
	t.Helper()
	driver, dsn := "sqlite", "file:"+s.database+"?_pragma=busy_timeout(5000)"
	if store.IsPostgres(s.database) {
		driver, dsn = "pgx", s.database
	}
	db, err := sql.Open(driver, dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// exec runs a statement that must change rows.
func (s *testServer) exec(t testing.TB, statement string, arguments ...any) {
	t.Helper()
	db := s.db(t)
	defer db.Close()
	done, err := db.ExecContext(context.Background(), statement, arguments...)
	if err != nil {
		t.Fatal(err)
	}
	if n, err := done.RowsAffected(); err != nil || n == 0 {
		t.Fatalf("no row was changed by %s: %v", statement, err)
	}
}

// count returns the one number that a query returns.
func (s *testServer) count(t testing.TB, query string, arguments ...any) int {
	t.Helper()
	return value[int](t, s, query, arguments...)
}

// value returns the one value that a query returns.
func value[T any](t testing.TB, s *testServer, query string, arguments ...any) (v T) {
	t.Helper()
	db := s.db(t)
	defer db.Close()
	if err := db.QueryRowContext(context.Background(), query, arguments...).Scan(&v); err != nil {
		t.Fatal(err)
	}
	return v
}

// growOld makes all sessions too old for sensitive actions, which then need a
// step-up.
func (s *testServer) growOld(t testing.TB) {
	t.Helper()
	s.exec(t, `UPDATE sessions SET created_at = created_at - $1, proven_at = proven_at - $1`,
		(11 * time.Minute).Microseconds())
}

// localIssuers allows identity providers on this machine.
func localIssuers(c *Config) { c.LocalIssuers = true }

// refusesWorkspace fails the test unless creating a workspace with a slug, as
// the operator, fails with an error that contains a text.
func (s *testServer) refusesWorkspace(t testing.TB, slug, reason string) {
	t.Helper()
	_, _, err := s.Service.CreateWorkspace(t.Context(), workspace.NewWorkspace{
		Name: "Thief", Slug: slug, OwnerName: "Ben", OwnerEmail: benEmail, OwnerPassword: testPassword,
	})
	if err == nil || !strings.Contains(fmt.Sprintf("%+v", err), reason) {
		t.Errorf("a workspace at %s: %v, want %q", slug, err, reason)
	}
}

// setupToken returns a token for making the first workspace.
func (s *testServer) setupToken(t testing.TB) string {
	t.Helper()
	token, err := s.Service.NewSetupToken(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	s.secret(token)
	return token
}

// databaseContent returns the bytes of the files of the server's SQLite
// database.
func (s *testServer) databaseContent(t testing.TB) string {
	t.Helper()
	var all []byte
	for _, suffix := range []string{"", "-wal", "-shm"} {
		content, err := os.ReadFile(s.database + suffix)
		if err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
		all = append(all, content...)
	}
	return string(all)
}
