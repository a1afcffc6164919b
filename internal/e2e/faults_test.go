package e2e

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/keylodge/keylodge/internal/postgrestest"
)

// checkOneErrorLine waits until the log has a line about a failed request, and
// fails the test unless there is exactly one.
func (s *server) checkOneErrorLine(t testing.TB, a answer) {
	t.Helper()
	id := "request_id=" + a.header.Get("X-Request-Id")
	eventually(t, "a line with "+id, func() bool { return strings.Contains(s.log.String(), id) })
	n := 0
	for line := range strings.Lines(s.log.String()) {
		if strings.Contains(line, id) && strings.Contains(line, "level=ERROR") {
			n++
		}
	}
	if n != 1 {
		t.Errorf("%d error lines with %s\n%s", n, id, s.log)
	}
}

// checkUnwritable sends requests to a server whose database can be read but not
// written.
func (s *server) checkUnwritable(t testing.TB, c *client, key, says string) {
	t.Helper()
	before := rows(t, s.database)
	a := c.want(c.post("/settings/api-keys", keyForm("not written", "x")), http.StatusServiceUnavailable, says,
		"Nothing was changed", "Request")
	if keyShape.MatchString(a.body) || a.header.Get("Retry-After") == "" {
		t.Errorf("Retry-After: %q\n%s", a.header.Get("Retry-After"), a.body)
	}
	s.checkOneErrorLine(t, a)
	c.want(c.get("/settings/api-keys"), http.StatusOK, "API keys")
	if a := s.verify(t, key); a.status != http.StatusNoContent {
		t.Errorf("the check of a good key gets %d", a.status)
	}
	if after := rows(t, s.database); fmt.Sprint(before) != fmt.Sprint(after) {
		t.Errorf("before %v, after %v", before, after)
	}
}

func TestDatabaseThatAnotherProgramLocks(t *testing.T) {
	t.Parallel()
	database := sqliteFile(t)
	s := start(t, database)
	dana := s.setUp(t)
	key := dana.addKey("before")
	lock, err := openDatabase(t, database).Conn(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Close()
	if _, err := lock.ExecContext(context.Background(), `BEGIN IMMEDIATE`); err != nil {
		t.Fatal(err)
	}
	s.checkUnwritable(t, dana, key, "The database is busy with other work.")
	if _, err := lock.ExecContext(context.Background(), `ROLLBACK`); err != nil {
		t.Fatal(err)
	}
	dana.addKey("after")
	checkNothingHalfWritten(t, database)
}

// TestPostgresThatMayNotBeWritten makes the database read-only, like a failover
// to a replica.
func TestPostgresThatMayNotBeWritten(t *testing.T) {
	t.Parallel()
	database := postgrestest.URL(t)
	s := start(t, database)
	dana := s.setUp(t)
	key := dana.addKey("before")
	db := openDatabase(t, database)
	turn := func(readOnly string) {
		t.Helper()
		for _, statement := range []string{
			`DO $$ BEGIN EXECUTE 'ALTER DATABASE ' || current_database() || ' SET default_transaction_read_only = ` +
				readOnly + `'; END $$`,
			`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
				WHERE datname = current_database() AND application_name = 'keylodge'`,
		} {
			statement = `SET default_transaction_read_only = off; ` + statement
			if _, err := db.ExecContext(context.Background(), statement); err != nil {
				t.Fatal(err)
			}
		}
		eventually(t, "the server reconnects",
			func() bool { return s.verify(t, key).status == http.StatusNoContent })
	}
	turn("on")
	defer turn("off")
	s.checkUnwritable(t, dana, key, "may be read but not written")
	turn("off")
	eventually(t, "a key can be added again", func() bool {
		return dana.post("/settings/api-keys", keyForm("after", "after")).status == http.StatusCreated
	})
	checkNothingHalfWritten(t, database)
}

// TestPostgresThatGoesAway stops PostgreSQL while Keylodge runs, once in order
// and once like a crash.
func TestPostgresThatGoesAway(t *testing.T) {
	t.Parallel()
	server := postgrestest.New(t)
	database := server.URL(t)
	keepCommits(t, database)
	s := start(t, database)
	dana := s.setUp(t)
	key, dead := dana.addKey("alive"), dana.addKey("dead")
	dana.revoke(dana.keyID("dead"))
	for name, stop := range map[string]func(){"orderly": server.Stop, "by a crash": server.Crash} {
		t.Run(name, func(t *testing.T) {
			dana := dana.in(t)
			stop()
			for _, k := range []string{key, dead} {
				a := s.verify(t, k)
				if wait, err := strconv.Atoi(a.header.Get("Retry-After")); a.status != http.StatusServiceUnavailable ||
					err != nil || wait < 1 || a.body != "" {
					t.Errorf("a check gets %d, Retry-After %q, %q", a.status, a.header.Get("Retry-After"), a.body)
				}
			}
			if a := s.verify(t, "kl_x"); a.status != http.StatusUnauthorized { // needs no database
				t.Errorf("a text that is no key gets %d", a.status)
			}
			dana.want(dana.get("/api/v1/me", "Authorization", "Bearer "+key), http.StatusServiceUnavailable,
				`"status":503`)
			pages := []answer{dana.get("/settings/api-keys"), dana.get("/settings/api-keys/new"), dana.get("/sign-in"),
				dana.post("/settings/api-keys", keyForm("lost", name))}
			for _, a := range pages {
				dana.want(a, http.StatusServiceUnavailable, "That can’t be done right now", "Request")
				if a.header.Get("Retry-After") == "" || strings.Contains(a.body, "127.0.0.1") ||
					strings.Contains(a.body, "SQLSTATE") {
					t.Errorf("Retry-After: %q\n%s", a.header.Get("Retry-After"), a.body)
				}
				s.checkOneErrorLine(t, a)
			}
			if err := server.Start(); err != nil {
				t.Fatal(err)
			}
			eventually(t, "it recovers by itself",
				func() bool { return s.verify(t, key).status == http.StatusNoContent })
			if a := s.verify(t, dead); a.status != http.StatusUnauthorized {
				t.Errorf("the revoked key gets %d", a.status)
			}
			eventually(t, "the pages recover",
				func() bool { return dana.get("/settings/api-keys").status == http.StatusOK })
			dana.want(dana.post("/settings/api-keys", keyForm("after", "after "+name)), http.StatusCreated)
			checkNothingHalfWritten(t, database)
		})
	}
	s.stop() // before its database is
}
