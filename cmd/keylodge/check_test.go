package main

import (
	"context"
	"database/sql"
	"regexp"
	"strings"
	"testing"
)

// open opens the installation's SQLite file without the store.
func (i *installation) open() *sql.DB {
	i.Helper()
	db, err := sql.Open("sqlite", i.database)
	if err != nil {
		i.Fatal(err)
	}
	i.Cleanup(func() { db.Close() })
	return db
}

// exec damages the database.
func (i *installation) exec(statement string, args ...any) {
	i.Helper()
	if _, err := i.open().ExecContext(context.Background(), statement, args...); err != nil {
		i.Fatal(err)
	}
}

func (i *installation) queryText(query string) (text string) {
	i.Helper()
	if err := i.open().QueryRowContext(context.Background(), query).Scan(&text); err != nil {
		i.Fatal(err)
	}
	return text
}

func (i *installation) countEvents(action string) (n int) {
	i.Helper()
	row := i.open().QueryRowContext(context.Background(), `SELECT COUNT(*) FROM events WHERE action = $1`, action)
	if err := row.Scan(&n); err != nil {
		i.Fatal(err)
	}
	return n
}

func TestCheckCommand(t *testing.T) {
	i := newAcme(t)
	for range 3 {
		i.run("key", "create", "--workspace", "acme", "--owner", danaEmail)
	}
	s := i.serve()
	signedIn := s.post("/sign-in", "email", danaEmail, "password", danaPassword)
	out := i.run("check")
	head := regexp.MustCompile(`(?m)^  head acme (\d+) ([0-9a-f]{64})$`).FindStringSubmatch(out)
	if strings.Contains(out, "WRONG") || strings.Count(out, ": ") < 4 || head == nil {
		t.Fatalf("an intact database:\n%s", out)
	}
	page := s.get("/settings/audit-log", signedIn.Cookies()...)
	if !strings.Contains(page.body, head[1]) || !strings.Contains(page.body, head[2][:8]) {
		t.Error("the page of the audit log shows another head")
	}
	s.stop()

	wrong := func(says ...string) {
		t.Helper()
		r := i.try("", "check")
		if r.code != exitFailed {
			t.Errorf("code %d", r.code)
		}
		wantLine(t, r.err, "the database is damaged")
		for _, text := range says {
			if !strings.Contains(r.out, text) {
				t.Errorf("no %q in\n%s", text, r.out)
			}
		}
	}
	id := i.queryText(`SELECT id FROM events WHERE number = 2 AND workspace_id <> ''`)
	i.exec(`UPDATE events SET address = '192.0.2.99' WHERE id = $1`, id)
	wrong("acme: event 2 ("+id+" of 20", "altered")
	i.exec(`DELETE FROM events WHERE id = $1`, id)
	i.exec(`UPDATE members SET revoked_keys = 7`)
	wrong("number 2 is missing before event 3 (", danaEmail, "0 revoked ones, but is recorded with 3 and 7",
		"head acme "+head[1])
	i.exec(`UPDATE schema_migrations SET checksum = 'x' WHERE number = 3`)
	if r := i.try("", "check"); r.code != exitFailed {
		t.Errorf("a foreign migration: code %d", r.code)
	} else {
		wantLine(t, r.err, "is not ours")
	}
}
