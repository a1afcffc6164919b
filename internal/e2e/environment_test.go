package e2e

import (
	"net"
	"net/http"
	"testing"
)

// TestFlagsFromTheEnvironment sets flags by their variables, as a container's
// settings do.
func TestFlagsFromTheEnvironment(t *testing.T) {
	t.Parallel()
	address := freeAddress(t)
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	cmd := command()
	cmd.Env = append(cmd.Env, "KEYLODGE_ADDR="+address, "KEYLODGE_BASE_URL=http://keys.localhost:"+port, "KEYLODGE_DB="+sqliteFile(t), "KEYLODGE_KEY_PREFIX=acme")
	s := launch(t, cmd, address)
	if want := "http://keys.localhost:" + port; s.url != want {
		t.Errorf("it is at %s instead of %s", s.url, want)
	}
	c := s.setUp(t)
	a := c.want(c.post("/settings/api-keys", keyForm("CI deploy", c.nonce())), http.StatusCreated, "acme_", s.url+"/api/v1/me")
	for _, key := range keyShape.FindAllString(a.body, -1) {
		t.Errorf("the key begins otherwise: %q", key)
	}
}
