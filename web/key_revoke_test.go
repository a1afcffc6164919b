package web

import (
	"net/http"
	"strings"
	"testing"
)

// TestTwoRevokeTheSameKey has two admins confirm at the same time.
func TestTwoRevokeTheSameKey(t *testing.T) {
	t.Parallel()
	onBothEngines(t, testTwoRevokeTheSameKey)
}

func testTwoRevokeTheSameKey(t *testing.T, s *testServer) {
	dana := s.newOwner(t)
	s.addSam(t, "admin")
	admins := []*client{dana, s.signIn(t, samEmail)}
	for _, name := range []string{"one", "two", "three", "four", "five"} {
		key := dana.addKey(name)
		id := dana.keyID(name)
		together(2, func(i int) {
			a := admins[i].post("/settings/api-keys/"+id+"/revoke", nil)
			if a.status != http.StatusSeeOther {
				t.Errorf("%d %s", a.status, a.body)
				return
			}
			if seen := admins[i].fetch(a.location()); !strings.Contains(seen.unescaped(), "“"+name+"” is revoked.") &&
				!strings.Contains(seen.unescaped(), "“"+name+"” was already revoked by") {
				t.Errorf("what one of them sees does not say that it is revoked:\n%s", seen.unescaped())
			}
		})
		if n := s.count(t, `SELECT COUNT(*) FROM events WHERE action = 'key.revoked' AND target_id = $1`, id); n != 1 {
			t.Errorf("%d audit rows", n)
		}
		if a := s.verify(t, key); a.status != http.StatusUnauthorized {
			t.Errorf("the revoked key gets %d", a.status)
		}
	}
}

// TestRevokedKeyIsRefusedAtOnce revokes a key in every way and verifies it in
// the very next request.
func TestRevokedKeyIsRefusedAtOnce(t *testing.T) {
	t.Parallel()
	ways := map[string]func(t *testing.T, s *testServer, c *client, id string){
		"on the page":         func(_ *testing.T, _ *testServer, c *client, id string) { c.revoke(id) },
		"on the command line": func(t *testing.T, s *testServer, _ *client, id string) { s.revokeKey(t, id) },
	}
	s := newTestServer(t)
	dana := s.newOwner(t)
	for name, revoke := range ways {
		t.Run(name, func(t *testing.T) {
			c := dana.in(t)
			key := c.addKey(name)
			id := c.keyID(name)
			for _, headers := range [][]string{{"Authorization", "Bearer " + key}, {"Authorization", "bEARER " + key},
				{"X-API-Key", key}} {
				s.newClient(t).fetch("/verify", headers...).want(http.StatusNoContent)
				s.newClient(t).fetch("/api/v1/me", headers...).want(http.StatusOK)
			}
			revoke(t, s, c, id)
			for _, headers := range [][]string{{"Authorization", "Bearer " + key}, {"Authorization", "bEARER " + key},
				{"X-API-Key", key}} {
				for _, path := range []string{"/verify", "/api/v1/me"} {
					a := s.newClient(t).fetch(path, headers...).want(http.StatusUnauthorized)
					if h := a.header.Get("WWW-Authenticate"); h != `Bearer error="invalid_token"` {
						t.Errorf("%s: WWW-Authenticate: %q", path, h)
					}
				}
			}
		})
	}
}

// TestRevocationIsEvidence revokes a key in use, sees which clients still try
// it, and undoes the revocation.
func TestRevocationIsEvidence(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	dana := s.newOwner(t)
	key := dana.addKey("CI")
	s.verify(t, key)
	p := s.openTabSignedIn(t)
	p.click("Revoke CI")
	p.see("Still in use.")
	p.click("Revoke key")
	p.see("Tick this if its requests may fail.")
	if s.verify(t, key).status != http.StatusNoContent {
		t.Error("the key was revoked without the tick")
	}
	p.click("These requests may fail")
	p.click("Revoke key")
	p.see("“CI” is revoked.")
	if s.verify(t, key).status != http.StatusUnauthorized {
		t.Error("a revoked key works")
	}
	p.click("Receipt and undo")
	p.see("Last let through")
	s.flushUsage(t)
	p.reload()
	p.see("1 request")
	p.see("Who still tries it")
	p.click("Undo the revocation")
	p.see("The revocation is undone")
	if s.verify(t, key).status != http.StatusNoContent {
		t.Error("the key does not work again")
	}
}
