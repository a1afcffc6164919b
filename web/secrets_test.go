package web

import (
	"fmt"
	"strings"
	"testing"
)

// TestDatabaseHoldsNoSecret reads the whole database after keys, passwords,
// sessions and links were created.
func TestDatabaseHoldsNoSecret(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	c := s.newOwner(t)
	c.addKey("CI deploy")
	c.revoke(c.keyID("CI deploy"))
	c.addKey("Nightly export")
	s.newClient(t).post("/sign-in", fields("email", testOwner, "password", "not the right password"))
	s.resetToken(t, testOwner)
	content := s.databaseContent(t)
	if !strings.Contains(content, testOwner) || !strings.Contains(content, "CI deploy") {
		t.Fatal("the search does not find even what is there")
	}
	for secret := range s.secrets.all {
		if strings.Contains(content, secret) || strings.Contains(content, fmt.Sprintf("%x", secret)) {
			t.Errorf("the database holds the secret %q", secret)
		}
	}
	if len(s.secrets.all) < 7 { // set-up token, password twice, two keys, a session and a device at least
		t.Errorf("only %d secrets were looked for", len(s.secrets.all))
	}
}
