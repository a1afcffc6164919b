package e2e

import (
	"net/http"
	"strings"
	"testing"
)

// TestCheck checks a database while the server runs, and after somebody has meddled with its audit log.
func TestCheck(t *testing.T) {
	t.Parallel()
	onBothEngines(t, func(t *testing.T, database string) {
		s := start(t, database)
		dana := s.setUp(t)
		dana.addKey("CI")
		dana.want(dana.revoke(dana.keyID("CI")), http.StatusSeeOther)
		whole := keylodge(t, "", "check", "--db", database)
		if whole.code != 0 || whole.err != "" || !strings.Contains(whole.out, "head acme ") {
			t.Fatalf("%+v", whole)
		}
		for line := range strings.Lines(whole.out) {
			if strings.Contains(line, "WRONG") {
				t.Error(line)
			}
		}
		dana.want(dana.get("/settings/audit-log.jsonl"), http.StatusOK, `"number":1,`, `"hash":"`)
		db := openDatabase(t, database)
		if _, err := db.ExecContext(t.Context(), `UPDATE events SET address = '192.0.2.66' WHERE action = 'key.revoked'`); err != nil {
			t.Fatal(err)
		}
		if r := keylodge(t, "", "check", "--db", database); r.code != 1 || !strings.Contains(r.out, "was altered or put there") || !strings.Contains(r.err, "not as it should be") {
			t.Errorf("an altered row: %+v", r)
		}
		if _, err := db.ExecContext(t.Context(), `DELETE FROM events WHERE action = 'key.revoked'`); err != nil {
			t.Fatal(err)
		}
		if r := keylodge(t, "", "check", "--db", database); r.code != 1 || !strings.Contains(r.out, "are missing") {
			t.Errorf("a removed row: %+v", r)
		}
	})
}
