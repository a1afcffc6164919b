package web

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"
)

// TestKeySaysWhoItIs checks the response of /api/v1/me for a valid key.
func TestKeySaysWhoItIs(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	c := s.newOwner(t)
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
	err := json.Unmarshal([]byte(s.newClient(t).fetch("/api/v1/me", "X-API-Key", key).want(http.StatusOK).body), &me)
	if err != nil {
		t.Fatal(err)
	}
	hint := key[:7] + "…" + key[len(key)-4:]
	if me.Workspace["slug"] != "acme" || me.Owner["email"] != testOwner || me.Role != "owner" ||
		me.Key["id"] != id || me.Key["name"] != "Données 100 %" || me.Key["hint"] != hint ||
		me.Key["expires_at"] != nil {
		t.Errorf("%+v", me)
	}
	if at, err := time.Parse(time.RFC3339, me.Key["created_at"].(string)); err != nil || time.Since(at) > time.Hour ||
		at.Location() != time.UTC {
		t.Errorf("created_at is %v", me.Key["created_at"])
	}
}
