package e2e

import (
	"net/http"
	"strings"
	"testing"

	"github.com/keylodge/keylodge/internal/postgrestest"
)

// TestMoveToPostgres copies an installation in use to PostgreSQL, runs it
// there, and copies it again.
func TestMoveToPostgres(t *testing.T) {
	t.Parallel()
	old := start(t, sqliteFile(t))
	dana := old.setUp(t)
	key, dead, later := dana.addKey("key 鍵"), dana.addKey("dead"), dana.addKey("later")
	dana.revoke(dana.keyID("dead"))
	database := postgrestest.URL(t)
	if out := old.keylodge(t, "copy", "--to", database); !strings.Contains(out, "keys             3") ||
		!strings.Contains(out, "Everything is copied") {
		t.Errorf("it says %q", out)
	}

	now := start(t, database)
	there := now.signIn(t, danaEmail, danaPassword)
	if a := now.verify(t, key); a.status != http.StatusNoContent ||
		a.header.Get("X-Keylodge-Key-Id") != dana.keyID("key 鍵") ||
		a.header.Get("X-Keylodge-Key-Name") != "key %E9%8D%B5" {
		t.Errorf("%d %v", a.status, a.header)
	}
	if a := now.verify(t, dead); a.status != http.StatusUnauthorized {
		t.Errorf("a revoked key gets %d", a.status)
	}
	there.want(there.get("/settings/api-keys?state=revoked"), http.StatusOK, "dead")

	// The old server went on; a node that runs on the copy hears of the next
	// copy by itself.
	dana.revoke(dana.keyID("later"))
	if a := now.verify(t, later); a.status != http.StatusNoContent {
		t.Fatalf("before the second copy: %d", a.status)
	}
	old.keylodge(t, "copy", "--to", database)
	if a := now.verify(t, later); a.status != http.StatusUnauthorized {
		t.Errorf("after the second copy: %d", a.status)
	}

	// Once something was changed there, nothing is copied over it.
	there = now.signIn(t, danaEmail, danaPassword)
	own := there.addKey("its own")
	r := keylodge(t, "", "copy", "--db", old.database, "--to", database)
	if r.code != 1 || r.out != "" {
		t.Errorf("code %d, %q", r.code, r.out)
	}
	oneLineOf(t, r.err, "Nothing was copied")
	if a := now.verify(t, own); a.status != http.StatusNoContent {
		t.Errorf("a key that was added there gets %d", a.status)
	}

	for _, c := range []struct {
		to, says string
		code     int
	}{
		{"./other.db", "--to takes a PostgreSQL database", 2},
		{"mysql://x", "--to takes a PostgreSQL database", 2},
		{"postgres://u:hidden-word@127.0.0.1:1/x?sslmode=disable", "can't be reached", 1},
	} {
		r := keylodge(t, "", "copy", "--db", old.database, "--to", c.to)
		if r.code != c.code || strings.Contains(r.err, "hidden-word") {
			t.Errorf("%s: code %d, %s", c.to, r.code, r.err)
		}
		oneLineOf(t, r.err, c.says)
	}
	if r := keylodge(t, "", "copy", "--db", old.database+"x", "--to", database); r.code != 1 ||
		!strings.Contains(r.err, "no database at") {
		t.Errorf("a source that is not there: code %d, %s", r.code, r.err)
	}
}
