package web

import (
	"encoding/csv"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
)

// TestAuditLog pages through, filters and exports the log.
func TestAuditLog(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	s.newOwner(t)
	s.addBeta(t)
	dana, ben := s.signInAt(t, "acme", testOwner), s.signInAt(t, "beta", benEmail)
	for range 30 {
		dana.addKey("=1+1")
		dana.post("/settings/general", fields("name", "Acme")).want(http.StatusSeeOther)
	}
	rows := func(body string) int { return strings.Count(body, `role="rowheader"`) }
	first := dana.fetch("/settings/audit-log").want(http.StatusOK)
	_, after, _ := strings.Cut(first.body, `rel="next" href="`)
	next, _, _ := strings.Cut(after, `"`)
	last := dana.fetch(next).want(http.StatusOK, "created the workspace")
	all := s.count(t, `SELECT COUNT(*) FROM events e JOIN workspaces w ON w.id = e.workspace_id WHERE w.slug = 'acme'`)
	if rows(first.body) != 50 || rows(last.body) != all-50 {
		t.Errorf("%d and %d rows of %d", rows(first.body), rows(last.body), all)
	}
	if n := rows(dana.fetch("/settings/audit-log?action=workspace.renamed").body); n != 30 {
		t.Errorf("%d of 30 acts of one sort", n)
	}
	for filter, want := range map[string]int{"?from=2001-01-01&to=2001-01-02": 0, "?to=2001-01-02": 0,
		"?by=nobody": 0, "?about=" + dana.keyID("=1+1"): 1, "?after=nothing": 0,
		"?from=x&to=y&action=workspace.created": 1} {
		if n := rows(dana.fetch("/settings/audit-log" + filter).want(http.StatusOK).body); n != want {
			t.Errorf("%s: %d rows, want %d", filter, n, want)
		}
	}
	table, err := csv.NewReader(strings.NewReader(dana.fetch("/settings/audit-log.csv").want(http.StatusOK).body)).
		ReadAll()
	if err != nil || len(table) != all+1 {
		t.Errorf("%d lines of CSV for %d events, %v", len(table), all, err)
	}
	for _, row := range table {
		for _, cell := range row {
			if cell != "" && strings.ContainsAny(cell[:1], "=+-@") {
				t.Errorf("a spreadsheet takes %q for a formula", cell)
			}
		}
	}
	export := dana.fetch("/settings/audit-log.jsonl?action=key.added").want(http.StatusOK)
	lines := strings.Split(strings.TrimSpace(export.body), "\n")
	for _, line := range lines {
		var e struct {
			Action  string
			Details map[string]string
		}
		if err := json.Unmarshal([]byte(line), &e); err != nil || e.Action != "key.added" ||
			e.Details["name"] != "=1+1" ||
			!strings.HasPrefix(e.Details["session"], "ses_") {
			t.Errorf("%s: %v", line, err)
		}
	}
	if len(lines) != 30 {
		t.Errorf("%d lines of JSON", len(lines))
	}
	if n := rows(ben.fetch("/settings/audit-log?about=" + dana.keyID("=1+1")).want(http.StatusOK).body); n != 0 {
		t.Errorf("Ben sees %d acts of another workspace", n)
	}
}
