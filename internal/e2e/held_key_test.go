package e2e

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/keylodge/keylodge/internal/secret"
)

var problemIDs = regexp.MustCompile(`"request_id":"[0-9A-Z]+"`)

// TestARetiredSecretRevokesNothing tries to revoke a key with its former
// secrets.
func TestARetiredSecretRevokesNothing(t *testing.T) {
	t.Parallel()
	database := sqliteFile(t)
	s := start(t, database)
	s.setUp(t)
	dana := s.signInAt(t, "acme", danaEmail, danaPassword)
	end := func(key string) answer {
		return s.newClient(t).at("acme").send(http.MethodDelete, "/api/v1/me/key", nil, "Authorization",
			"Bearer "+key)
	}
	withoutID := func(a answer) string { return problemIDs.ReplaceAllString(a.text(), "") }
	rotate := func(id, overlap string) string {
		return dana.keyIn(dana.want(dana.post("/settings/api-keys/"+id+"/rotate", fields("overlap", overlap)),
			http.StatusCreated))
	}
	first := dana.addKey("CI")
	id := dana.keyID("CI")
	second := rotate(id, "0")
	dead, retired := end(secret.New("kl").Reveal()), end(first)
	if retired.status != http.StatusUnauthorized || withoutID(retired) != withoutID(dead) ||
		retired.header.Get("WWW-Authenticate") != dead.header.Get("WWW-Authenticate") {
		t.Errorf("a retired secret gets %d %s, and one of no key %d %s", retired.status, retired.text(),
			dead.status, dead.text())
	}
	if got := s.verify(t, second).status; got != http.StatusNoContent {
		t.Errorf("after it the live secret gets %d", got)
	}
	third := rotate(id, "24h")
	if got := end(first).status; got != http.StatusUnauthorized {
		t.Errorf("after another rotation the first secret gets %d", got)
	}
	if n := count(t, database, `SELECT COUNT(*) FROM events WHERE action = 'key.revoked'`); n != 0 {
		t.Errorf("%d rows of the audit trail", n)
	}
	if got := end(second).status; got != http.StatusNoContent { // valid during the overlap
		t.Errorf("the old secret that still works gets %d", got)
	}
	if got := s.verify(t, third).status; got != http.StatusUnauthorized {
		t.Errorf("then the live secret gets %d", got)
	}
}

// TestWhoHoldsAKeyMayRevokeIt revokes keys by their own secrets, whatever their
// scopes.
func TestWhoHoldsAKeyMayRevokeIt(t *testing.T) {
	t.Parallel()
	database := sqliteFile(t)
	s := start(t, database)
	s.setUp(t)
	s.addBeta(t)
	dana := s.signInAt(t, "acme", danaEmail, danaPassword)
	key, other := dana.addKey("leaked"), dana.addKey("other")
	form := fields("name", "narrow", "expires", "never", "access", "restricted", "scope", "a",
		"allow_from", "192.0.2.7", "nonce", "x")
	narrow := dana.keyIn(dana.want(dana.post("/settings/api-keys", form), http.StatusCreated))
	end := func(slug string, headers ...string) int {
		return s.newClient(t).at(slug).send(http.MethodDelete, "/api/v1/me/key", nil, headers...).status
	}
	bearer := func(key string) []string { return []string{"Authorization", "Bearer " + key} }
	if got := end("beta", bearer(key)...); got != http.StatusUnauthorized {
		t.Errorf("at another workspace it gets %d", got)
	}
	if got := end("acme", "Authorization", "Bearer "+key, "X-API-Key", other); got != http.StatusUnauthorized {
		t.Errorf("two keys at once get %d", got)
	}
	if got := dana.send(http.MethodDelete, "/api/v1/me/key", nil).status; got != http.StatusUnauthorized {
		t.Errorf("a session gets %d", got)
	}
	for _, k := range []string{key, narrow, key} { // repeating it is no error
		if got := end("acme", bearer(k)...); got != http.StatusNoContent {
			t.Errorf("the key's own end gets %d", got)
		}
		if got := s.verify(t, k).status; got != http.StatusUnauthorized {
			t.Errorf("after it the key gets %d", got)
		}
	}
	if got := s.verify(t, other).status; got != http.StatusNoContent {
		t.Errorf("the other key gets %d", got)
	}
	list := dana.want(dana.get("/settings/api-keys?state=revoked"), http.StatusOK, "leaked", "Whoever held it")
	if n := strings.Count(list.text(), "Whoever held it"); n != 2 {
		t.Errorf("%d were ended so", n)
	}
	dana.want(dana.get("/settings/audit-log?action=key.revoked"), http.StatusOK, "Whoever held the key", "holder")
	if n := count(t, database, `SELECT COUNT(*) FROM events WHERE action = 'key.revoked'`); n != 2 {
		t.Errorf("%d rows of the audit trail", n)
	}
	dana.want(dana.post("/settings/api-keys/"+dana.keyID("other")+"/revoke", fields("reason", "boredom")),
		http.StatusUnprocessableEntity)
	dana.want(dana.post("/settings/api-keys/"+dana.keyID("other")+"/revoke", fields("reason", "compromised")),
		http.StatusSeeOther)
	dana.want(dana.get("/settings/api-keys?state=revoked"), http.StatusOK, "Dana Okafor: compromised")
}
