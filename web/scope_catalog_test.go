package web

import (
	"net/http"
	"net/url"
	"testing"
)

// TestScopesThatCanNotBeGiven refuses scopes that are not there, or not the
// maker's to give.
func TestScopesThatCanNotBeGiven(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	dana := s.newOwner(t)
	s.addMember(t, "acme", linaEmail, "developer")
	lina := s.signIn(t, linaEmail)
	form := func(c *client, more ...string) url.Values {
		return fields(
			append([]string{"name", "x", "expires", "never", "access", "restricted", "nonce", c.nonce()}, more...)...)
	}
	add := func(c *client, scope string) *page { return c.post("/settings/api-keys", form(c, "scope", scope)) }
	dana.keyIn(add(dana, "audit-events:read").want(http.StatusCreated))
	add(lina, "audit-events:read").want(http.StatusUnprocessableEntity, "“audit-events:read” can’t be given")
	lina.keyIn(add(lina, "keys:read keys:write keys:verify members:read").want(http.StatusCreated))
	old := lina.keyIn(add(lina, "anything").want(http.StatusCreated))

	lina.post("/settings/scopes", fields("name", "orders:read")).want(http.StatusForbidden)
	dana.post("/settings/scopes", fields("name", "orders:read")).want(http.StatusSeeOther)
	for name, message := range map[string]string{"": "A scope is 1 to 64",
		"keys:verify": "Keylodge’s own scope, and always there", "keys:destroy": "it has no", "a b": "without spaces"} {
		dana.post("/settings/scopes", fields("name", name)).want(http.StatusUnprocessableEntity, message)
	}
	add(lina, "anything").want(http.StatusUnprocessableEntity, "There is no scope “anything” here.")
	lina.keyIn(add(lina, "orders:read keys:verify").want(http.StatusCreated))
	if got := s.verify(t, old).status; got != http.StatusNoContent {
		t.Errorf("a key with a scope from before gets %d", got)
	}
	lina.post("/settings/api-keys", form(lina, "template", "gone")).
		want(http.StatusUnprocessableEntity, "A template that you chose was removed meanwhile.")
	if n := s.count(t, `SELECT COUNT(*) FROM events WHERE action = 'scope.saved'`); n != 1 {
		t.Errorf("%d rows of the audit trail", n)
	}
	dana.fetch("/settings/audit-log?action=scope.saved").want(http.StatusOK, "saved a scope", "scope: orders:read")

	// A demotion takes what a scope of Keylodge's own gives, at once.
	s.setRole(t, linaEmail, "auditor")
	reads := s.newClient(t).fetch("/verify?scope=anything", "Authorization", "Bearer "+old)
	if reads.status != http.StatusNoContent {
		t.Errorf("the key of an auditor gets %d", reads.status)
	}
}
