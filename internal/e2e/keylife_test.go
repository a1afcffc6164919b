package e2e

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"
)

// TestKeySaysWhoItIs reads what a good key is answered with.
func TestKeySaysWhoItIs(t *testing.T) {
	t.Parallel()
	onBothEngines(t, func(t *testing.T, database string) {
		s := start(t, database)
		c := s.setUp(t)
		key := c.addKey("Données 100 %")
		id := c.keyID("Données 100 %")
		a := s.verify(t, key)
		for name, want := range map[string]string{
			"X-Keylodge-Workspace": "acme", "X-Keylodge-Role": "owner", "X-Keylodge-Key-Id": id,
			"X-Keylodge-Key-Name": "Donn%C3%A9es 100 %25", "Cache-Control": "no-store",
		} {
			if got := a.header.Get(name); got != want {
				t.Errorf("%s: %q instead of %q", name, got, want)
			}
		}
		if a.status != http.StatusNoContent || a.body != "" || !strings.HasPrefix(a.header.Get("X-Keylodge-User"), "usr_") {
			t.Errorf("%d %q %v", a.status, a.body, a.header)
		}
		var me struct {
			Workspace, Owner, Key map[string]any
			Role                  string
		}
		if err := json.Unmarshal([]byte(c.want(s.newClient(t).get("/api/v1/me", "X-API-Key", key), http.StatusOK).body), &me); err != nil {
			t.Fatal(err)
		}
		hint := key[:7] + "…" + key[len(key)-4:]
		if me.Workspace["slug"] != "acme" || me.Owner["email"] != danaEmail || me.Role != "owner" ||
			me.Key["id"] != id || me.Key["name"] != "Données 100 %" || me.Key["hint"] != hint || me.Key["expires_at"] != nil {
			t.Errorf("%+v", me)
		}
		if at, err := time.Parse(time.RFC3339, me.Key["created_at"].(string)); err != nil || time.Since(at) > time.Hour || at.Location() != time.UTC {
			t.Errorf("created_at is %v", me.Key["created_at"])
		}
	})
}

// TestRevokedKeyIsRefusedAtOnce revokes a key and asks about it in the very
// next request, in every way.
func TestRevokedKeyIsRefusedAtOnce(t *testing.T) {
	t.Parallel()
	ways := map[string]func(t *testing.T, s *server, c *client, id string){
		"on the page":         func(_ *testing.T, _ *server, c *client, id string) { c.revoke(id) },
		"on the command line": func(t *testing.T, s *server, _ *client, id string) { s.keylodge(t, "key", "revoke", id) },
	}
	onBothEngines(t, func(t *testing.T, database string) {
		s := start(t, database)
		dana := s.setUp(t)
		for name, revoke := range ways {
			t.Run(name, func(t *testing.T) {
				c := dana.in(t)
				key := c.addKey(name)
				id := c.keyID(name)
				for _, headers := range [][]string{{"Authorization", "Bearer " + key}, {"Authorization", "bEARER " + key}, {"X-API-Key", key}} {
					c.want(s.newClient(t).get("/verify", headers...), http.StatusNoContent)
					c.want(s.newClient(t).get("/api/v1/me", headers...), http.StatusOK)
				}
				revoke(t, s, c, id)
				for _, headers := range [][]string{{"Authorization", "Bearer " + key}, {"Authorization", "bEARER " + key}, {"X-API-Key", key}} {
					for _, path := range []string{"/verify", "/api/v1/me"} {
						a := c.want(s.newClient(t).get(path, headers...), http.StatusUnauthorized)
						if h := a.header.Get("WWW-Authenticate"); h != `Bearer error="invalid_token"` {
							t.Errorf("%s: WWW-Authenticate: %q", path, h)
						}
					}
				}
			})
		}
	})
}
