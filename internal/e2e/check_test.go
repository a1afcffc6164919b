package e2e

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// TestAuditRetention sets how long the audit log is kept, and checks the
// positions of events on the page and in exports.
func TestAuditRetention(t *testing.T) {
	t.Parallel()
	database := sqliteFile(t)
	s := start(t, database)
	dana := s.setUp(t)
	s.addSam(t, "developer")
	sam := s.signIn(t, samEmail, samPassword)
	const path = "/settings/general/audit-log"
	for _, days := range []string{"29", "-1", "x", "99999"} {
		dana.want(dana.post(path, fields("audit_days", days)), http.StatusUnprocessableEntity,
			"Give a whole number from 30 to 36500, or nothing.", `value="`+days+`"`)
	}
	sam.want(sam.post(path, fields("audit_days", "90")), http.StatusForbidden)
	dana.want(dana.post(path, fields("audit_days", " 90 ")), http.StatusSeeOther)
	dana.want(dana.get("/settings/general"), http.StatusOK, `value="90"`)
	dana.want(dana.get("/settings/audit-log"), http.StatusOK, "set how long the audit log is kept",
		"days: for ever → 90", "What is older than 90 days is deleted.")
	dana.want(dana.post(path, fields("audit_days", "")), http.StatusSeeOther)
	page := dana.want(dana.get("/settings/audit-log"), http.StatusOK, "days: 90 → for ever")
	if strings.Contains(page.body, "What is older") {
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
}
