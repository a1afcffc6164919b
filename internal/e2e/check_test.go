package e2e

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
)

// TestCheckByCommand looks at a database that is whole while the server runs,
// and then at what somebody has done to it.
func TestCheckByCommand(t *testing.T) {
	t.Parallel()
	onBothEngines(t, func(t *testing.T, database string) {
		s := start(t, database)
		dana := s.setUp(t)
		for range 3 {
			dana.addKey("CI")
		}
		said := s.keylodge(t, "check")
		head := regexp.MustCompile(`(?m)^  head acme (\d+) ([0-9a-f]{64})$`).FindStringSubmatch(said)
		if strings.Contains(said, "WRONG") || strings.Count(said, ": ") < 4 || head == nil {
			t.Fatalf("a whole database:\n%s", said)
		}
		dana.want(dana.get("/settings/audit-log"), http.StatusOK, head[1], head[2][:8])

		meddle := func(statement string) {
			t.Helper()
			if _, err := openDatabase(t, database).ExecContext(context.Background(), statement); err != nil {
				t.Fatal(err)
			}
		}
		wrong := func(says ...string) {
			t.Helper()
			r := keylodge(t, "", "check", "--db", database)
			if r.code != 1 {
				t.Errorf("code %d", r.code)
			}
			oneLineOf(t, r.err, "not as it should be")
			for _, text := range says {
				if !strings.Contains(r.out, text) {
					t.Errorf("no %q in\n%s", text, r.out)
				}
			}
		}
		id := value[string](t, database, `SELECT id FROM events WHERE number = 2 AND workspace_id <> ''`)
		meddle(`UPDATE events SET address = '192.0.2.99' WHERE id = '` + id + `'`)
		wrong("acme: event 2 ("+id+" of 20", "altered")
		meddle(`DELETE FROM events WHERE id = '` + id + `'`)
		meddle(`UPDATE members SET revoked_keys = 7`)
		wrong("number 2 is missing before event 3 (", danaEmail, "0 revoked ones, and is said to have 3 and 7", "head acme "+head[1])
		meddle(`UPDATE schema_migrations SET checksum = 'x' WHERE number = 3`)
		r := keylodge(t, "", "check", "--db", database)
		if r.code != 1 {
			t.Errorf("a foreign migration: code %d", r.code)
		}
		oneLineOf(t, r.err, "is not ours")
	})
	if r := keylodge(t, "", "check", "--db", "nowhere.db"); r.code != 1 || r.out != "" {
		t.Errorf("no database: %+v", r)
	}
}

// TestAuditRetention says how long the log is kept, and looks for the places of
// events in it and in what is exported.
func TestAuditRetention(t *testing.T) {
	t.Parallel()
	onBothEngines(t, func(t *testing.T, database string) {
		s := start(t, database)
		dana := s.setUp(t)
		s.addSam(t, "developer")
		sam := s.signIn(t, samEmail, samPassword)
		const path = "/settings/general/audit-log"
		for _, days := range []string{"29", "-1", "x", "99999"} {
			dana.want(dana.post(path, fields("audit_days", days)), http.StatusUnprocessableEntity, "Give a whole number from 30 to 36500, or nothing.", `value="`+days+`"`)
		}
		sam.want(sam.post(path, fields("audit_days", "90")), http.StatusForbidden)
		dana.want(dana.post(path, fields("audit_days", " 90 ")), http.StatusSeeOther)
		dana.want(dana.get("/settings/general"), http.StatusOK, `value="90"`)
		dana.want(dana.get("/settings/audit-log"), http.StatusOK, "set how long the audit log is kept", "days: for ever → 90", "What is older than 90 days is deleted.")
		dana.want(dana.post(path, fields("audit_days", "")), http.StatusSeeOther)
		if page := dana.want(dana.get("/settings/audit-log"), http.StatusOK, "days: 90 → for ever"); strings.Contains(page.body, "What is older") {
			t.Error("the log is kept for ever, and said to be deleted")
		}

		table, err := csv.NewReader(strings.NewReader(dana.get("/settings/audit-log.csv").body)).ReadAll()
		if err != nil || len(table) < 3 || fmt.Sprint(table[0][10:]) != "[number hash]" {
			t.Fatalf("%v %v", table, err)
		}
		lines := strings.Split(strings.TrimSpace(dana.get("/settings/audit-log.jsonl").body), "\n")
		for i, line := range lines {
			var e struct {
				Number int
				Hash   string
			}
			if err := json.Unmarshal([]byte(line), &e); err != nil || e.Number != len(lines)-i || len(e.Hash) != 64 {
				t.Errorf("line %d is number %d with the hash %q, %v", i, e.Number, e.Hash, err)
			}
			if row := table[i+1]; row[10] != fmt.Sprint(e.Number) || row[11] != e.Hash {
				t.Errorf("in the table it is %v", row[10:])
			}
		}
	})
}
