package e2e

import (
	"encoding/csv"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// TestKeyPage looks at one key, edits it, disables and enables it.
func TestKeyPage(t *testing.T) {
	t.Parallel()
	for _, l := range []look{desktop, {scripts: false, width: 360, dark: true}} {
		t.Run(l.String(), func(t *testing.T) {
			t.Parallel()
			s := start(t, sqliteFile(t))
			dana := s.setUp(t)
			key := dana.addKey("CI")
			for range 3 {
				s.verify(t, key)
			}
			p := s.openSignedIn(t, l)
			p.click("CI")
			p.see("Full access")
			p.until("the counts to be written", `(() => { if (document.body.innerText.includes("3 let through, 0 refused")) return true; location.reload(); return false; })()`)
			p.click("The same as a table")
			p.see("Let through")
			p.click("How to use it")
			p.see("Python")
			p.see("added a key")
			p.step(1, "key")
			p.click("Edit")
			p.fill("Name", "CI deploy")
			p.click("Restrict this key")
			p.click("Only these scopes")
			p.fill("Scopes", "invoices:read keys:destroy")
			p.click("90 days")
			p.click("Save")
			p.see("Keylodge’s own, and it has no")
			p.step(2, "edit key")
			p.fill("Scopes", "invoices:read")
			p.click("Save")
			p.see("Saved. Requests with the key are held to it from now on.")
			p.see("CI deploy")
			p.see("Restricted to invoices:read")
			if a := s.newClient(t).get("/verify?scope=invoices:write", "Authorization", "Bearer "+key); a.status != http.StatusForbidden {
				t.Errorf("a scope that was taken away gets %d", a.status)
			}
			p.click("Disable")
			p.see("The key is disabled")
			if a := s.verify(t, key); a.status != http.StatusUnauthorized {
				t.Errorf("a disabled key gets %d", a.status)
			}
			p.click("Enable")
			p.see("The key is enabled")
			if a := s.verify(t, key); a.status != http.StatusNoContent {
				t.Errorf("an enabled key gets %d", a.status)
			}
			p.click("Audit log")
			p.see("edited a key")
			p.see("name: CI → CI deploy")
			p.step(3, "audit log")
			p.choose("Act", "Disabled a key")
			p.click("Show")
			p.see("disabled a key")
			p.gone("edited a key CI")
			p.click("Show all")
			p.see("created the workspace")
		})
	}
}

// TestEditingKeys tries what an edit must not do.
func TestEditingKeys(t *testing.T) {
	t.Parallel()
	onBothEngines(t, func(t *testing.T, database string) {
		s := start(t, database)
		s.setUp(t)
		s.addSam(t, "developer")
		s.addBeta(t)
		dana, sam := s.signInAt(t, "acme", danaEmail, danaPassword), s.signInAt(t, "acme", samEmail, samPassword)
		ben := s.signInAt(t, "beta", benEmail, benPassword)
		key := sam.addKey("Sam’s")
		path := "/settings/api-keys/" + sam.keyID("Sam’s")
		danas := "/settings/api-keys/" + func() string { dana.addKey("Dana’s"); return dana.keyID("Dana’s") }()
		edit := func(more ...string) url.Values {
			form := fields("name", "New", "expires", "keep", "access", "full")
			for i := 0; i < len(more); i += 2 {
				form.Set(more[i], more[i+1])
			}
			return form
		}
		version := func(c *client) string {
			_, after, _ := strings.Cut(c.want(c.get(path+"/edit"), http.StatusOK).body, `name="version" value="`)
			v, _, _ := strings.Cut(after, `"`)
			return v
		}
		sam.want(sam.post(danas+"/edit", edit()), http.StatusNotFound)
		ben.want(ben.post(path+"/edit", edit()), http.StatusNotFound)
		for says, form := range map[string]url.Values{
			"This moment has passed":         edit("expires", "date", "expires_at", "2001-01-01T00:00"),
			"Give a date and time":           edit("expires", "date"),
			"Name the scopes":                edit("access", "restricted"),
			"is an address within a network": edit("allow_from", "192.0.2.7/24"),
			"Give a number of requests":      edit("rate_limit", "fast"),
			"There is a key in this name":    edit("name", key),
		} {
			t.Run(says, func(t *testing.T) {
				sam := sam.in(t)
				sam.want(sam.post(path+"/edit", form), http.StatusUnprocessableEntity, says)
			})
		}
		// Two edit at once: the second sees what the first has done, and
		// nothing of it is lost.
		first, second := version(sam), version(dana)
		sam.want(sam.post(path+"/edit", edit("name", "Sam’s own", "version", first, "rate_limit", "100/1m")), http.StatusSeeOther)
		dana.want(dana.post(path+"/edit", edit("name", "Dana’s idea", "version", second)), http.StatusConflict, "Somebody else has changed this key meanwhile.", "100/1m", "Dana’s idea")
		dana.want(dana.get(path), http.StatusOK, "Sam’s own")
		dana.want(dana.post(path+"/edit", edit("name", "Dana’s idea", "version", version(dana))), http.StatusSeeOther)
		// To widen a key to full access wants a fresh proof, and what the
		// workspace lets keys be holds for edits.
		sam.want(sam.post(path+"/edit", edit("access", "restricted", "scope", "a")), http.StatusSeeOther)
		growOld(t, database)
		sam.want(sam.post(path+"/edit", edit("access", "restricted", "scope", "a b")), http.StatusSeeOther)
		if a := sam.post(path+"/edit", edit()); !strings.HasPrefix(a.location(), "/confirm") {
			t.Errorf("widening an old session's key gets %d to %q", a.status, a.location())
		}
		sam.want(sam.post("/confirm", fields("password", samPassword, "next", "/")), http.StatusSeeOther)
		dana.want(dana.post("/confirm", fields("password", danaPassword, "next", "/")), http.StatusSeeOther)
		dana.want(dana.post("/settings/general/keys", fields("max_days", "30", "full_access", "nobody", "max_keys", "1")), http.StatusSeeOther)
		sam.want(sam.post(path+"/edit", edit()), http.StatusUnprocessableEntity, "You may not make keys with full access here.", "Keys live at most 30 days here.")
		sam.want(sam.post(path+"/edit", edit("access", "restricted", "scope", "a", "expires", "30d")), http.StatusSeeOther)
		dana.want(dana.post(path+"/revoke", nil), http.StatusSeeOther)
		dana.want(dana.post(path+"/edit", edit()), http.StatusConflict, "revoked for good")
		dana.want(dana.get(path), http.StatusOK, "Revoked")
	})
}

// TestAuditLog pages through, filters and exports the log.
func TestAuditLog(t *testing.T) {
	t.Parallel()
	onBothEngines(t, func(t *testing.T, database string) {
		s := start(t, database)
		s.setUp(t)
		s.addBeta(t)
		dana, ben := s.signInAt(t, "acme", danaEmail, danaPassword), s.signInAt(t, "beta", benEmail, benPassword)
		for range 30 {
			dana.addKey("=1+1")
			dana.want(dana.post("/settings/general", fields("name", "Acme")), http.StatusSeeOther)
		}
		rows := func(body string) int { return strings.Count(body, `role="rowheader"`) }
		first := dana.want(dana.get("/settings/audit-log"), http.StatusOK)
		_, after, _ := strings.Cut(first.body, `rel="next" href="`)
		next, _, _ := strings.Cut(after, `"`)
		last := dana.want(dana.get(next), http.StatusOK, "created the workspace")
		all := count(t, database, `SELECT COUNT(*) FROM events e JOIN workspaces w ON w.id = e.workspace_id WHERE w.slug = 'acme'`)
		if rows(first.body) != 50 || rows(last.body) != all-50 {
			t.Errorf("%d and %d rows of %d", rows(first.body), rows(last.body), all)
		}
		if n := rows(dana.get("/settings/audit-log?action=workspace.renamed").body); n != 30 {
			t.Errorf("%d of 30 acts of one sort", n)
		}
		for filter, want := range map[string]int{"?from=2001-01-01&to=2001-01-02": 0, "?to=2001-01-02": 0, "?by=nobody": 0, "?about=" + dana.keyID("=1+1"): 1, "?after=nothing": 0, "?from=x&to=y&action=workspace.created": 1} {
			if n := rows(dana.want(dana.get("/settings/audit-log"+filter), http.StatusOK).body); n != want {
				t.Errorf("%s: %d rows, want %d", filter, n, want)
			}
		}
		table, err := csv.NewReader(strings.NewReader(dana.want(dana.get("/settings/audit-log.csv"), http.StatusOK).body)).ReadAll()
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
		lines := strings.Split(strings.TrimSpace(dana.want(dana.get("/settings/audit-log.jsonl?action=key.added"), http.StatusOK).body), "\n")
		for _, line := range lines {
			var e struct {
				Action  string
				Details map[string]string
			}
			if err := json.Unmarshal([]byte(line), &e); err != nil || e.Action != "key.added" || e.Details["name"] != "=1+1" || !strings.HasPrefix(e.Details["session"], "ses_") {
				t.Errorf("%s: %v", line, err)
			}
		}
		if len(lines) != 30 {
			t.Errorf("%d lines of JSON", len(lines))
		}
		if n := rows(ben.want(ben.get("/settings/audit-log?about="+dana.keyID("=1+1")), http.StatusOK).body); n != 0 {
			t.Errorf("Ben sees %d acts of another workspace", n)
		}
	})
}
