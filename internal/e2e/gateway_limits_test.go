package e2e

import (
	"net/http"
	"strings"
	"testing"

	"github.com/keylodge/keylodge/internal/workspace"
)

// TestGatewayHoldsKeysToTheirLimits uses keys that are restricted to scopes, to
// networks and to a rate.
func TestGatewayHoldsKeysToTheirLimits(t *testing.T) {
	t.Parallel()
	onEachGateway(t, func(t *testing.T, g gateway) {
		s := start(t, sqliteFile(t), "--trusted-proxies", "127.0.0.0/8")
		s.setUp(t)
		f := g.before(t, s.address)
		c := f.newClient(t)
		forbidden := func(what, path, challenge string, headers ...string) {
			t.Helper()
			asked := f.service.times()
			a := c.get(path, headers...)
			challenges := a.header.Values("WWW-Authenticate")
			if a.status != http.StatusForbidden || strings.Join(challenges, "|") != challenge {
				t.Errorf("%s: status %d, WWW-Authenticate %q", what, a.status, challenges)
			}
			if f.service.times() != asked {
				t.Errorf("%s: the service was asked", what)
			}
		}

		narrow := s.newKey(t, workspace.NewKey{Scopes: []string{"b", "a"}})
		reader := s.newKey(t, workspace.NewKey{Scopes: []string{"invoices:read"}})
		r := f.wasAsked(t, c.get("/?scope=c", "X-API-Key", narrow, "X-Keylodge-Scopes", "",
			"Connection", "X-Keylodge-Scopes"))
		if r.Header.Get("X-Keylodge-Scopes") != "a b" {
			t.Errorf("scopes %q", r.Header.Values("X-Keylodge-Scopes"))
		}
		forbidden("without the scope", "/invoices/1?scope=a",
			`Bearer error="insufficient_scope", scope="invoices:read"`, "X-API-Key", narrow)
		f.wasAsked(t, c.get("/invoices/1", "X-API-Key", reader))

		f.wasAsked(t, c.get("/", "X-API-Key", s.newKey(t, workspace.NewKey{Networks: []string{"127.0.0.1"}})))
		elsewhere := s.newKey(t, workspace.NewKey{Networks: []string{"192.0.2.7"}})
		forbidden("a claim to be elsewhere", "/", `Bearer error="insufficient_scope"`, "X-API-Key", elsewhere,
			"X-Forwarded-For", "192.0.2.7")

		limited := s.newKey(t, workspace.NewKey{Rate: "1/24h"})
		a := c.get("/", "X-API-Key", limited)
		f.wasAsked(t, a)
		if a.header.Get("RateLimit-Policy") != `"key";q=1;w=86400` ||
			!strings.HasPrefix(a.header.Get("RateLimit"), `"key";r=0;`) {
			t.Errorf("headers of the last one within the rate: %v", a.header)
		}
		a = c.get("/", "X-API-Key", limited)
		if a.status != http.StatusTooManyRequests || a.header.Get("Retry-After") == "" ||
			a.header.Get("RateLimit-Policy") != `"key";q=1;w=86400` ||
			!strings.HasPrefix(a.header.Get("RateLimit"), `"key";r=0;`) {
			t.Errorf("status %d, headers %v", a.status, a.header)
		}
	})
}

// TestNginxPassesOverADeadNode configures two nodes, of which the first is
// down. The second node's response counts.
func TestNginxPassesOverADeadNode(t *testing.T) {
	t.Parallel()
	s := start(t, sqliteFile(t))
	s.setUp(t)
	nginx := gateways[0]
	nodes := freeAddress(t) + "; server " + s.address
	used := s.newKey(t, workspace.NewKey{Rate: "1/24h"})
	if a := s.verify(t, used); a.status != http.StatusNoContent {
		t.Fatal(a.status)
	}
	for want, secret := range map[int]string{
		http.StatusOK:              s.newKey(t, workspace.NewKey{}),
		http.StatusTooManyRequests: used,
		http.StatusUnauthorized:    "kl_none",
	} {
		f := nginx.before(t, nodes) // which does not know yet that the first node is down
		if a := f.newClient(t).get("/", "Authorization", "Bearer "+secret); a.status != want {
			t.Errorf("%d, want %d", a.status, want)
		}
	}
}
