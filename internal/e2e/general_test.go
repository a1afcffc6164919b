package e2e

import (
	"net/http"
	"strings"
	"testing"
)

// TestGeneralPage renames a workspace, goes to another one, and deletes one.
func TestGeneralPage(t *testing.T) {
	t.Parallel()
	for _, l := range []look{desktop, {scripts: false, width: 360, dark: true}} {
		t.Run(l.String(), func(t *testing.T) {
			t.Parallel()
			s := start(t, sqliteFile(t))
			key := s.setUp(t).addKey("CI")
			p := s.openSignedIn(t, l)
			p.click("General")
			p.see("What this workspace is called, and where it is.")
			p.fill("Workspace name", " ")
			p.click("Save")
			p.see("Give the workspace a name.")
			p.step(1, "name missing")
			p.fill("Workspace name", "Acme & Söhne")
			p.click("Save")
			p.see("Saved.")
			p.see("Acme & Söhne")
			p.step(2, "general")
			p.click("Delete workspace…")
			p.see("One API key works now. It stops the moment you confirm.")
			p.fill("Type acme to confirm", "ACME")
			p.click("Delete workspace")
			p.see("Type acme to delete it.")
			p.step(3, "delete")
			p.fill("Type acme to confirm", "acme")
			p.click("Delete workspace")
			p.see("Acme & Söhne is deleted")
			p.step(4, "deleted")
			if a := s.verify(t, key); a.status != http.StatusUnauthorized {
				t.Errorf("a key of a deleted workspace gets %d", a.status)
			}
		})
	}
}

// TestDeletedWorkspace is found by nobody; another one goes on.
func TestDeletedWorkspace(t *testing.T) {
	t.Parallel()
	onBothEngines(t, func(t *testing.T, database string) {
		s := start(t, database)
		key := s.setUp(t).addKey("CI")
		s.addBeta(t)
		s.addSam(t, "admin")
		dana, sam := s.signInAt(t, "acme", danaEmail, danaPassword), s.signInAt(t, "acme", samEmail, samPassword)
		ben := s.signInAt(t, "beta", benEmail, benPassword)
		bens := ben.addKey("Ben’s")
		link := dana.invite(linaEmail, "developer")
		sam.want(sam.get("/settings/general/delete"), http.StatusForbidden)
		sam.want(sam.post("/settings/general/delete", fields("slug", "acme")), http.StatusForbidden)
		if page := sam.want(sam.get("/settings/general"), http.StatusOK); strings.Contains(page.text(), "Delete") {
			t.Error("an admin is offered to delete the workspace")
		}
		sam.want(sam.post("/settings/general", fields("name", "Acme of Sam")), http.StatusSeeOther)
		dana.want(dana.get("/settings/general"), http.StatusOK, "Acme of Sam")
		s.keylodge(t, "user", "role", "--workspace", "acme", "--email", samEmail, "--role", "developer")
		sam.want(sam.post("/settings/general", fields("name", "Mine")), http.StatusForbidden)
		growOld(t, database)
		for _, path := range []string{"/settings/general", "/settings/general/delete"} {
			if a := dana.post(path, fields("name", "X", "slug", "acme")); a.status != http.StatusSeeOther || !strings.HasPrefix(a.location(), "/confirm") {
				t.Errorf("%s in an old session: %d to %q", path, a.status, a.location())
			}
		}
		dana.want(dana.post("/confirm", fields("password", danaPassword, "next", "/")), http.StatusSeeOther)
		dana.want(dana.post("/settings/general/delete", fields("slug", "beta")), http.StatusUnprocessableEntity)
		if s.verify(t, key).status != http.StatusNoContent {
			t.Fatal("the key died too early")
		}
		dana.want(dana.post("/settings/general/delete", fields("slug", "acme")), http.StatusOK, "is deleted")
		if s.verify(t, key).status != http.StatusUnauthorized || s.verify(t, bens).status != http.StatusNoContent {
			t.Error("the wrong keys died")
		}
		for _, c := range []*client{dana, sam} {
			c.want(c.get("/settings/api-keys"), http.StatusNotFound)
		}
		dana.want(dana.get(link), http.StatusNotFound)
		dana.want(dana.post("/sign-in", fields("email", danaEmail, "password", danaPassword)), http.StatusNotFound)
		ben.want(ben.get("/settings/api-keys"), http.StatusOK, "Ben’s")
		base := s.newClient(t)
		base.want(base.get("/settings/api-keys"), http.StatusSeeOther) // the one that is left is at the base host
		s.fails(t, "", "taken", "workspace", "create", "--slug", "acme", "--name", "Again", "--owner-email", samEmail)
		s.fails(t, "", "acme", "key", "list", "--workspace", "acme")
		if n := count(t, database, `SELECT COUNT(*) FROM events WHERE action IN ('workspace.renamed', 'workspace.deleted')`); n != 2 {
			t.Errorf("%d rows of the audit trail", n)
		}
	})
}

// TestSwitcher offers a person the other workspaces that they are in, and only
// those.
func TestSwitcher(t *testing.T) {
	t.Parallel()
	onBothEngines(t, func(t *testing.T, database string) {
		s := start(t, database)
		s.setUp(t)
		s.addBeta(t)
		s.keylodge(t, "user", "create", "--workspace", "beta", "--email", danaEmail, "--role", "developer")
		ben, dana := s.signInAt(t, "beta", benEmail, benPassword), s.signInAt(t, "acme", danaEmail, danaPassword)
		for _, path := range []string{"/settings/api-keys", "/settings/members", "/account/sessions", "/settings/general"} {
			if page := ben.want(ben.get(path), http.StatusOK); strings.Contains(strings.ToLower(page.body), "acme.localhost") || strings.Contains(page.body, ">Acme<") {
				t.Errorf("Ben is told of Acme at %s", path)
			}
			if page := dana.want(dana.get(path), http.StatusOK); !strings.Contains(page.body, `href="`+strings.Replace(s.url, "://", "://beta.", 1)+`/"`) {
				t.Errorf("Dana is not offered Beta at %s", path)
			}
		}
		s.keylodge(t, "user", "deactivate", "--workspace", "beta", "--email", danaEmail)
		if page := dana.want(dana.get("/settings/api-keys"), http.StatusOK); strings.Contains(page.body, "://beta.") {
			t.Error("Dana is offered a workspace that she may not enter")
		}
	})
}

// TestMovedWorkspace changes the address of a workspace: the old one leads to
// it, and checks go on at both for a month.
func TestMovedWorkspace(t *testing.T) {
	t.Parallel()
	onBothEngines(t, func(t *testing.T, database string) {
		s := start(t, database)
		s.setUp(t)
		s.addBeta(t)
		dana := s.signInAt(t, "acme", danaEmail, danaPassword)
		key := dana.addKey("CI")
		for slug, says := range map[string]string{
			"": "Choose an address", "a": "Use 3 to 40", "www": "reserved", "beta": "taken", "be-ta": "looks like", "acm_e": "Use 3 to 40", "xn--acme": "reserved",
		} {
			dana.want(dana.post("/settings/general/address", fields("slug", slug)), http.StatusUnprocessableEntity, says)
		}
		moved := dana.want(dana.post("/settings/general/address", fields("slug", "Acme-Corp")), http.StatusSeeOther)
		to := strings.Replace(s.url, "://", "://acme-corp.", 1)
		if moved.location() != to+"/sign-in?next=%2Fsettings%2Fgeneral&moved=1" {
			t.Errorf("the form leads to %q", moved.location())
		}
		if a := dana.want(dana.get("/settings/api-keys?state=revoked"), http.StatusTemporaryRedirect); a.location() != to+"/settings/api-keys?state=revoked" {
			t.Errorf("the old address leads to %q", a.location())
		}
		at := func(slug string) int {
			return s.newClient(t).at(slug).get("/verify", "Authorization", "Bearer "+key).status
		}
		for slug, want := range map[string]int{"acme": http.StatusNoContent, "acme-corp": http.StatusNoContent, "beta": http.StatusUnauthorized} {
			if got := at(slug); got != want {
				t.Errorf("a check at %s gets %d", slug, got)
			}
		}
		dana = s.signInAt(t, "acme-corp", danaEmail, danaPassword)
		dana.want(dana.get("/settings/general"), http.StatusOK, "still leads here until")
		dana.want(dana.post("/settings/general/address", fields("slug", "third")), http.StatusUnprocessableEntity, "you can only change it back")
		s.fails(t, "", "taken", "workspace", "create", "--slug", "acme", "--name", "Thief", "--owner-email", benEmail)
		s.fails(t, "", "looks like", "workspace", "create", "--slug", "acmecorp", "--name", "Thief", "--owner-email", benEmail)
		ben := s.signInAt(t, "beta", benEmail, benPassword)
		ben.want(ben.post("/settings/general/address", fields("slug", "acme")), http.StatusUnprocessableEntity, "taken")

		db := openDatabase(t, database)
		if _, err := db.Exec(`UPDATE workspaces SET old_slug_until = 1 WHERE slug = 'acme-corp'`); err != nil {
			t.Fatal(err)
		}
		db.Close()
		gone := s.newClient(t).at("acme")
		gone.want(gone.get("/settings/api-keys"), http.StatusNotFound)
		s.keylodge(t, "user", "create", "--workspace", "acme-corp", "--email", samEmail, "--role", "admin")
		dana.want(dana.post("/settings/general/address", fields("slug", "third")), http.StatusSeeOther)
		if at("acme") != http.StatusUnauthorized || at("acme-corp") != http.StatusNoContent || at("third") != http.StatusNoContent {
			t.Errorf("checks at the three addresses: %d, %d, %d", at("acme"), at("acme-corp"), at("third"))
		}
	})
}
