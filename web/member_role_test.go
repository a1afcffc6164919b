package web

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/keylodge/keylodge/internal/workspace"
)

// TestRolesActAtOnce gives a member each role in turn. Each must apply to their
// next request and to the next verification of their key.
func TestRolesActAtOnce(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	dana := s.newOwner(t)
	s.addSam(t, "developer")
	sam := s.signIn(t, samEmail)
	danas, sams := dana.addKey("Dana’s"), sam.addKey("Sam’s")
	danaID, samID := dana.keyID("Dana’s"), dana.keyID("Sam’s")
	for _, c := range []struct {
		role     workspace.Role
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
		t.Run(string(c.role), func(t *testing.T) {
			if c.role != "developer" {
				s.setRole(t, samEmail, c.role)
			}
			if got := s.verify(t, sams).header.Get("X-Keylodge-Role"); got != c.keyIsFor {
				t.Errorf("the key is %q's", got)
			}
			sam := sam.in(t)
			list := sam.fetch("/settings/api-keys").want(c.list)
			for _, name := range []string{"Sam’s", "Dana’s"} {
				if strings.Contains(list.unescaped(), name) != slices.Contains(c.sees, name) {
					t.Errorf("seen or not: %q\n%s", name, list.unescaped())
				}
				if strings.Contains(list.unescaped(), "Revoke "+name) != slices.Contains(c.revokes, name) {
					t.Errorf("trash icon or not: %q\n%s", name, list.unescaped())
				}
			}
			if strings.Contains(list.unescaped(), "Add API key") != c.adds {
				t.Errorf("the button to add a key:\n%s", list.unescaped())
			}
			form, added := http.StatusOK, http.StatusCreated
			if !c.adds {
				form, added = http.StatusForbidden, http.StatusForbidden
			}
			sam.fetch("/settings/api-keys/new").want(form)
			a := sam.post("/settings/api-keys", addKeyForm("of the "+string(c.role), string(c.role))).want(added)
			if !c.adds && keyShape.MatchString(a.body) {
				t.Error("who may add no key gets one")
			}
			if c.adds {
				sam.revoke(sam.keyID("of the " + string(c.role)))
			}
			if c.ofDana != 0 {
				sam.post("/settings/api-keys/"+danaID+"/revoke", nil).want(c.ofDana)
				sam.fetch("/settings/api-keys/" + danaID + "/revoke").want(c.ofDana)
			}
			if !slices.Contains(c.revokes, "Sam’s") {
				sam.post("/settings/api-keys/"+samID+"/revoke", nil).want(http.StatusForbidden)
			}
			if c.role == "member" {
				list.want(http.StatusForbidden, "Your role has no API keys", testOwner)
			}
		})
	}
	s.setActive(t, "acme", samEmail, false)
	if a := s.verify(t, sams); a.status != http.StatusUnauthorized {
		t.Errorf("the key of a deactivated member gets %d", a.status)
	}
	sam.fetch("/settings/api-keys").want(http.StatusSeeOther)
	sam.post("/settings/api-keys", addKeyForm("too late", "late")).want(http.StatusSeeOther)
	s.setActive(t, "acme", samEmail, true)
	if a := s.verify(t, sams); a.status != http.StatusNoContent {
		t.Errorf("the key of who was restarted gets %d", a.status)
	}
	if a := s.verify(t, danas); a.status != http.StatusNoContent {
		t.Errorf("Dana’s key gets %d", a.status)
	}
	n := s.count(t, `SELECT COUNT(*) FROM keys WHERE name IN ('too late', 'of the auditor', 'of the member')`)
	if n != 0 {
		t.Errorf("%d keys were made that may not be", n)
	}
}
