package e2e

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// losesRevocation undoes the revocation of a key without the program's
// knowledge, as a failover to an old primary would. If reused, another change
// takes its number.
func losesRevocation(t testing.TB, database, keyID string, reused bool) {
	t.Helper()
	statements := []string{
		`DELETE FROM changes WHERE number = (SELECT number FROM change_counter)`,
		`UPDATE keys SET revoked_at = NULL WHERE id = '` + keyID + `'`,
		`UPDATE change_counter SET number = (SELECT MAX(number) FROM changes)`,
	}
	if reused {
		statements = append(statements,
			`UPDATE change_counter SET number = (number / 1048576 + 1) * 1048576 + 77`,
			`INSERT INTO changes (number, kind, workspace_id, subject_id) SELECT number, 'key', '', 'key_other' FROM
				change_counter`)
	}
	db := openDatabase(t, database)
	defer db.Close()
	tx, err := db.BeginTx(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, statement := range statements {
		if _, err := tx.ExecContext(context.Background(), statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
}

// checkHalted sends requests to a server that must be restarted.
func (s *server) checkHalted(t testing.TB, c *client, says string, keys ...string) {
	t.Helper()
	for _, key := range keys {
		a := s.verify(t, key)
		if a.status != http.StatusServiceUnavailable || a.header.Get("Retry-After") == "" ||
			a.header.Get("X-Keylodge-Key-Id") != "" {
			t.Errorf("/verify answers %d %v", a.status, a.header)
		}
		bearer := []string{"Authorization", "Bearer " + key}
		c.want(c.get("/api/v1/me", bearer...), http.StatusServiceUnavailable, says)
		for path, body := range map[string][2]string{
			"/api/v1/verify":     {"application/json", `{"key":"` + key + `"}`},
			"/api/v1/introspect": {"application/x-www-form-urlencoded", "token=" + key},
			"/api/v1/leaks":      {"application/json", `{"keys":["` + key + `"]}`},
		} {
			c.want(c.send(http.MethodPost, path, strings.NewReader(body[1]),
				append(bearer, "Content-Type", body[0])...), http.StatusServiceUnavailable, says)
		}
		c.want(c.send(http.MethodDelete, "/api/v1/me/key", nil, bearer...), http.StatusServiceUnavailable, says)
	}
	for _, path := range []string{"/", "/settings/api-keys", "/settings/api-keys/new", "/settings/members",
		"/account/security", "/sign-in", "/setup"} {
		c.want(c.get(path), http.StatusServiceUnavailable, says)
	}
	c.want(c.post("/settings/api-keys", keyForm("lost", "lost")), http.StatusServiceUnavailable, says)
	c.want(c.post("/sign-in", fields("email", danaEmail, "password", danaPassword)), http.StatusServiceUnavailable,
		says)
	if n := strings.Count(s.log.String(), "database refused until a restart"); n != 1 {
		t.Errorf("the log says so %d times\n%s", n, s.log)
	}
}

const (
	saysLost     = "Restart Keylodge to accept it"
	saysReplaced = "The database file was replaced"
)

// TestLostHistory loses a revocation in the database. A node that acknowledged
// it verifies nothing until it is restarted. A node that never knew it
// continues.
func TestLostHistory(t *testing.T) {
	t.Parallel()
	onBothEngines(t, func(t *testing.T, database string) {
		for name, reused := range map[string]bool{"missing": false, "reused": true} {
			t.Run(name, func(t *testing.T) {
				s := start(t, database)
				var dana *client
				if s.setup != "" {
					dana = s.setUp(t)
				} else {
					dana = s.signIn(t, danaEmail, danaPassword)
				}
				key, good := dana.addKey("lost "+name), dana.addKey("good "+name)
				id := dana.keyID("lost " + name)
				dana.revoke(id)
				losesRevocation(t, database, id, reused)
				if a := s.verify(t, key); a.status == http.StatusNoContent {
					t.Fatal("a key is good again whose revocation was acknowledged")
				}
				s.checkHalted(t, dana, saysLost, key, good)
				again := start(t, database)
				if a := again.verify(t, good); a.status != http.StatusNoContent {
					t.Errorf("after a restart a good key gets %d", a.status)
				}
				dana.elsewhere(again).revoke(id) // the operator accepts it, and so repairs it
			})
		}
	})
}

// TestLostHistoryOfOtherNodes loses a change that a node only applied. That
// node refuses as well, even without any request meanwhile.
func TestLostHistoryOfOtherNodes(t *testing.T) {
	t.Parallel()
	onBothEngines(t, func(t *testing.T, database string) {
		one, two := start(t, database), start(t, database)
		dana := one.setUp(t)
		key := dana.addKey("lost")
		id := dana.keyID("lost")
		if a := two.verify(t, key); a.status != http.StatusNoContent {
			t.Fatalf("before: %d", a.status)
		}
		dana.revoke(id)
		if a := two.verify(t, key); a.status != http.StatusUnauthorized {
			t.Fatalf("after the revocation: %d", a.status)
		}
		losesRevocation(t, database, id, false)
		for _, s := range []*server{one, two} {
			eventually(t, "a node notices by itself",
				func() bool { return strings.Contains(s.log.String(), "database refused until a restart") })
			s.checkHalted(t, dana.elsewhere(s), saysLost, key)
		}
	})
}

// TestLostHistoryThatIsReloaded uses --on-lost-history reload: the server
// continues with the database's content, and warns.
func TestLostHistoryThatIsReloaded(t *testing.T) {
	t.Parallel()
	onBothEngines(t, func(t *testing.T, database string) {
		s := start(t, database, "--on-lost-history", "reload")
		dana := s.setUp(t)
		key := dana.addKey("lost")
		id := dana.keyID("lost")
		dana.revoke(id)
		losesRevocation(t, database, id, false)
		if a := s.verify(t, key); a.status != http.StatusNoContent {
			t.Errorf("%d", a.status)
		}
		dana.want(dana.get("/settings/api-keys"), http.StatusOK, "lost")
		dana.revoke(id)
		if a := s.verify(t, key); a.status != http.StatusUnauthorized {
			t.Errorf("%d", a.status)
		}
		if !strings.Contains(s.log.String(), "level=WARN msg=\"database lost changes") {
			t.Errorf("no warning:\n%s", s.log)
		}
	})
}

// TestDatabaseFileThatIsReplaced replaces the file of a running server in each
// way that an operator may, and lets the command line revoke a key in the new
// file.
func TestDatabaseFileThatIsReplaced(t *testing.T) {
	t.Parallel()
	for name, replace := range map[string]func(path, backup string) error{
		"mv": func(path, backup string) error {
			return firstError(os.Rename(path, path+".old"), os.Rename(backup, path))
		},
		"rm": func(path, backup string) error {
			return firstError(os.Remove(path), os.Remove(path+"-wal"), os.Remove(path+"-shm"), copyFile(backup, path))
		},
		"cp":     func(path, backup string) error { return copyFile(backup, path) },
		"folder": func(path, _ string) error { return os.Rename(filepath.Dir(path), filepath.Dir(path)+".old") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			database := filepath.Join(t.TempDir(), "data", "keylodge.db")
			if err := os.Mkdir(filepath.Dir(database), 0o700); err != nil {
				t.Fatal(err)
			}
			s := start(t, database)
			dana := s.setUp(t)
			key := dana.addKey("alive")
			id := dana.keyID("alive")
			s.stop()
			backup := filepath.Join(t.TempDir(), "backup.db")
			if err := copyFile(database, backup); err != nil {
				t.Fatal(err)
			}
			s = start(t, database)
			dana = s.signIn(t, danaEmail, danaPassword)
			newer := dana.addKey("newer")
			if a := s.verify(t, key); a.status != http.StatusNoContent {
				t.Fatalf("before: %d", a.status)
			}
			if err := replace(database, backup); err != nil {
				t.Fatal(err)
			}
			a := dana.post("/settings/api-keys", keyForm("unseen", "unseen"))
			dana.want(a, http.StatusServiceUnavailable, saysReplaced, "Request")
			s.checkHalted(t, dana, saysReplaced, key, newer)
			s.stop()
			if name == "folder" {
				return
			}
			if r := keylodge(t, "", "key", "revoke", id, "--db", database); r.code != 0 {
				t.Fatalf("the command: code %d, %s", r.code, r.err)
			}
			again := start(t, database)
			if a := again.verify(t, key); a.status != http.StatusUnauthorized {
				t.Errorf("after a restart: %d", a.status)
			}
			if a := again.verify(t, newer); a.status != http.StatusUnauthorized {
				t.Errorf("after a restart a key that the backup does not have gets %d", a.status)
			}
			again.keylodge(t, "check")
		})
	}
}

// TestCommandOnAnotherFile replaces the file without any write. Soon afterwards
// the server verifies nothing.
func TestCommandOnAnotherFile(t *testing.T) {
	t.Parallel()
	database := sqliteFile(t)
	s := start(t, database)
	key := s.setUp(t).addKey("alive")
	if err := os.Rename(database, database+".old"); err != nil {
		t.Fatal(err)
	}
	replaced := time.Now()
	eventually(t, "the server refuses", func() bool { return s.verify(t, key).status == http.StatusServiceUnavailable })
	t.Logf("it noticed within %v", time.Since(replaced))
}

func copyFile(from, to string) error {
	content, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, content, 0o600)
}

func firstError(all ...error) error {
	for _, err := range all {
		if err != nil {
			return err
		}
	}
	return nil
}
