package e2e

import (
	"context"
	"net"
	"net/http"
	"testing"

	"github.com/keylodge/keylodge/internal/postgrestest"
	"github.com/keylodge/keylodge/internal/workspace"
)

// elsewhere returns the same client at another node, as a load balancer may
// send it there.
func (c *client) elsewhere(s *server) *client {
	d := *c
	d.s, d.base = s, s.url
	d.http = &http.Client{Jar: c.jar, Timeout: timeout, Transport: nodeTransport, CheckRedirect: c.http.CheckRedirect}
	return &d
}

// nodeTransport connects to this machine whatever the name of the host.
var nodeTransport = &http.Transport{
	MaxIdleConnsPerHost: 32,
	DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
		_, port, err := net.SplitHostPort(address)
		if err != nil {
			return nil, err
		}
		return new(net.Dialer).DialContext(ctx, network, net.JoinHostPort("127.0.0.1", port))
	},
}

// checkNodes makes each kind of change to keys at one node and checks its
// effect at the other.
func checkNodes(t *testing.T, one, two *server) {
	t.Helper()
	dana := one.setUp(t)
	there := dana.elsewhere(two)
	there.want(there.get("/settings/api-keys"), http.StatusOK, "API keys")
	for range 10 {
		key := dana.addKey("at one")
		there.want(there.get("/verify", "X-API-Key", key), http.StatusNoContent)
		there.revoke(there.keyID("at one"))
		if a := one.verify(t, key); a.status != http.StatusUnauthorized {
			t.Fatalf("revoked at two, one answers %d", a.status)
		}
	}
	form := keyForm("sent to both", "the form's")
	dana.want(dana.post("/settings/api-keys", form), http.StatusCreated)
	there.want(there.post("/settings/api-keys", form), http.StatusConflict)

	one.addSam(t, "developer")
	sams := one.keylodge(t, "key", "create", "--workspace", "acme", "--owner", samEmail)
	for _, s := range []*server{one, two} {
		if a := s.verify(t, sams); a.status != http.StatusNoContent || a.header.Get("X-Keylodge-Role") != "developer" {
			t.Errorf("status %d, role %q", a.status, a.header.Get("X-Keylodge-Role"))
		}
	}
	one.keylodge(t, "user", "role", "--workspace", "acme", "--email", samEmail, "--role", "auditor")
	if a := two.verify(t, sams); a.header.Get("X-Keylodge-Role") != "auditor" {
		t.Errorf("role %q", a.header.Get("X-Keylodge-Role"))
	}
	one.keylodge(t, "user", "deactivate", "--workspace", "acme", "--email", samEmail)
	if a := two.verify(t, sams); a.status != http.StatusUnauthorized {
		t.Errorf("the key of who is deactivated gets %d", a.status)
	}
	dana.want(dana.post("/sign-out", nil), http.StatusSeeOther)
	if a := there.get("/settings/api-keys"); a.status != http.StatusSeeOther {
		t.Errorf("signed out at one, two answers %d", a.status)
	}
}

func TestNodesAreEqual(t *testing.T) {
	t.Parallel()
	database := postgrestest.URL(t)
	checkNodes(t, start(t, database), start(t, database))
}

// Five nodes start at once on an empty database. Together they migrate it, and
// exactly one setup link works.
func TestNodesThatStartTogether(t *testing.T) {
	t.Parallel()
	database := postgrestest.URL(t)
	nodes := make([]*server, 5)
	for i := range nodes {
		nodes[i] = begin(t, command("serve", "--db", database, "--addr", "127.0.0.1:0"))
	}
	for _, s := range nodes {
		s.await(t, "127.0.0.1:0")
	}
	made := 0
	for _, s := range nodes {
		c := s.newClient(t)
		if a := c.post("/setup", setupForm(s.setupToken())); a.status == http.StatusSeeOther {
			made++
		}
	}
	if n := count(t, database, `SELECT COUNT(*) FROM workspaces`); made != 1 || n != 1 {
		t.Errorf("%d set-ups worked, and there are %d workspaces", made, n)
	}
}

// A node that may respond from a stale index receives hints about changes
// elsewhere, even after its notification connection was lost.
func TestHints(t *testing.T) {
	t.Parallel()
	database := postgrestest.URL(t)
	one := start(t, database)
	dana := one.setUp(t)
	two := start(t, database, "--max-staleness", "1h")
	hears := func(name string) {
		t.Helper()
		key := dana.addKey(name)
		eventually(t, "the other node hears of a key",
			func() bool { return two.verify(t, key).status == http.StatusNoContent })
		dana.revoke(dana.keyID(name))
		eventually(t, "the other node hears of its revocation",
			func() bool { return two.verify(t, key).status == http.StatusUnauthorized })
	}
	hears("first")
	_, err := openDatabase(t, database).ExecContext(context.Background(),
		`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'keylodge notifications'`)
	if err != nil {
		t.Fatal(err)
	}
	hears("second")

	// The same for a command, whose process ends right after the change.
	key := one.newKey(t, workspace.NewKey{Name: "third"})
	eventually(t, "the other node hears of a command",
		func() bool { return two.verify(t, key).status == http.StatusNoContent })
}

// A node that is cut off from its database refuses, and recovers by itself.
func TestNodeThatIsCutOff(t *testing.T) {
	t.Parallel()
	database := postgrestest.URL(t)
	w := newWire(t, hostOf(t, database))
	far, near := start(t, database), start(t, w.through(t, database), "--ask-limit", "200ms")
	dana := far.setUp(t)
	key, dead := dana.addKey("key"), dana.addKey("dead")
	for name, breakIt := range map[string]func(){"cut": w.cut, "mute": w.mute} {
		if a := near.verify(t, key); a.status != http.StatusNoContent {
			t.Fatalf("before: %d", a.status)
		}
		breakIt()
		if a := near.verify(t, key); a.status != http.StatusServiceUnavailable || a.header.Get("Retry-After") == "" {
			t.Errorf("%s: %d", name, a.status)
		}
		if a := far.verify(t, key); a.status != http.StatusNoContent {
			t.Errorf("%s: the other node answers %d", name, a.status)
		}
		if name == "cut" {
			dana.revoke(dana.keyID("dead"))
		}
		w.mend()
		eventually(t, "it answers again",
			func() bool { return near.verify(t, key).status == http.StatusNoContent })
	}
	if a := near.verify(t, dead); a.status != http.StatusUnauthorized {
		t.Errorf("revoked while it was cut off: %d", a.status)
	}
}
