package e2e

import (
	"net/http"
	"slices"
	"strings"
	"testing"
)

// TestRolesActAtOnce takes one person through the roles: each must act on their
// next request and on the next check of their key.
func TestRolesActAtOnce(t *testing.T) {
	t.Parallel()
	onBothEngines(t, func(t *testing.T, database string) {
		s := start(t, database)
		dana := s.setUp(t)
		s.addSam(t, "developer")
		sam := s.signIn(t, samEmail, samPassword)
		danas, sams := dana.addKey("Dana’s"), sam.addKey("Sam’s")
		danaID, samID := dana.keyID("Dana’s"), dana.keyID("Sam’s")
		change := func(what ...string) {
			t.Helper()
			s.keylodge(t, append([]string{"user"}, append(what, "--workspace", "acme", "--email", samEmail)...)...)
		}
		for _, c := range []struct {
			role     string
			list     int
			sees     []string
			adds     bool
			revokes  []string // as the trash icons say
			ofDana   int      // POST …/revoke for Dana's key, when it is not in revokes
			keyIsFor string
		}{
			{"developer", http.StatusOK, []string{"Sam’s"}, true, []string{"Sam’s"}, http.StatusNotFound, "developer"},
			{"auditor", http.StatusOK, []string{"Sam’s", "Dana’s"}, false, nil, http.StatusForbidden, "auditor"},
			{"admin", http.StatusOK, []string{"Sam’s", "Dana’s"}, true, []string{"Sam’s", "Dana’s"}, 0, "admin"},
			{"member", http.StatusForbidden, nil, false, nil, http.StatusForbidden, "member"},
			{"owner", http.StatusOK, []string{"Sam’s", "Dana’s"}, true, []string{"Sam’s", "Dana’s"}, 0, "owner"},
		} {
			t.Run(c.role, func(t *testing.T) {
				if c.role != "developer" {
					change("role", "--role", c.role)
				}
				if got := s.verify(t, sams).header.Get("X-Keylodge-Role"); got != c.keyIsFor {
					t.Errorf("the key is %q's", got)
				}
				sam := sam.in(t)
				list := sam.want(sam.get("/settings/api-keys"), c.list)
				for _, name := range []string{"Sam’s", "Dana’s"} {
					if strings.Contains(list.text(), name) != slices.Contains(c.sees, name) {
						t.Errorf("seen or not: %q\n%s", name, list.text())
					}
					if strings.Contains(list.text(), "Revoke "+name) != slices.Contains(c.revokes, name) {
						t.Errorf("trash icon or not: %q\n%s", name, list.text())
					}
				}
				if strings.Contains(list.text(), "Add API key") != c.adds {
					t.Errorf("the button to add a key:\n%s", list.text())
				}
				form, added := http.StatusOK, http.StatusCreated
				if !c.adds {
					form, added = http.StatusForbidden, http.StatusForbidden
				}
				sam.want(sam.get("/settings/api-keys/new"), form)
				a := sam.want(sam.post("/settings/api-keys", keyForm("of the "+c.role, c.role)), added)
				if !c.adds && keyShape.MatchString(a.body) {
					t.Error("who may add no key gets one")
				}
				if c.adds {
					sam.revoke(sam.keyID("of the " + c.role))
				}
				if c.ofDana != 0 {
					sam.want(sam.post("/settings/api-keys/"+danaID+"/revoke", nil), c.ofDana)
					sam.want(sam.get("/settings/api-keys/"+danaID+"/revoke"), c.ofDana)
				}
				if !slices.Contains(c.revokes, "Sam’s") {
					sam.want(sam.post("/settings/api-keys/"+samID+"/revoke", nil), http.StatusForbidden)
				}
				if c.role == "member" {
					sam.want(list, http.StatusForbidden, "Your role has no API keys", danaEmail)
				}
			})
		}
		change("deactivate")
		if a := s.verify(t, sams); a.status != http.StatusUnauthorized {
			t.Errorf("the key of a deactivated member gets %d", a.status)
		}
		sam.want(sam.get("/settings/api-keys"), http.StatusSeeOther)
		sam.want(sam.post("/settings/api-keys", keyForm("too late", "late")), http.StatusSeeOther)
		change("activate")
		if a := s.verify(t, sams); a.status != http.StatusNoContent {
			t.Errorf("the key of who was restarted gets %d", a.status)
		}
		if a := s.verify(t, danas); a.status != http.StatusNoContent {
			t.Errorf("Dana’s key gets %d", a.status)
		}
		if n := count(t, database, `SELECT COUNT(*) FROM keys WHERE name IN ('too late', 'of the auditor', 'of the member')`); n != 0 {
			t.Errorf("%d keys were made that may not be", n)
		}
	})
}
