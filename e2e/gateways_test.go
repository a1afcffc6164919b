package e2e

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/keylodge/keylodge/internal/postgrestest"
)

func TestGatewaysLetGoodKeysThrough(t *testing.T) {
	t.Parallel()
	eachGateway(t, sqliteFile, func(g *gateway, dana *client) {
		full := dana.addKey("CI 鍵")
		id := dana.keyID("CI 鍵")
		narrow := g.keylodge.newKey(g, "--scope", "b", "--scope", "a", "--rate-limit", "100/24h")
		for _, headers := range [][]string{{"Authorization", "Bearer " + full}, {"X-API-Key", full}} {
			r := g.passes(headers[0], headers...)
			for name, want := range map[string]string{
				"X-Keylodge-Workspace": "acme", "X-Keylodge-Role": "owner", "X-Keylodge-Scopes": "", "X-Keylodge-Key-Id": id, "X-Keylodge-Key-Name": "CI %E9%8D%B5",
			} {
				if got := r.Header.Get(name); got != want {
					g.Errorf("%s: %s %q, want %q", headers[0], name, got, want)
				}
			}
			if !strings.HasPrefix(r.Header.Get("X-Keylodge-User"), "usr_") || r.RequestURI != "/invoices?page=2" {
				g.Errorf("%s: user %q, %s", headers[0], r.Header.Get("X-Keylodge-User"), r.RequestURI)
			}
			if strings.Contains(fmt.Sprint(r.Header), full) {
				g.Errorf("%s: the API sees the key", headers[0])
			}
		}
		if r := g.passes("with scopes", "X-API-Key", narrow); r.Header.Get("X-Keylodge-Scopes") != "a b" {
			g.Errorf("scopes %q", r.Header.Get("X-Keylodge-Scopes"))
		}
		eventually(g, "the last use of it is the client's", func() bool {
			return strings.Contains(dana.get("/settings/api-keys").text(), "127.0.0.1")
		})
	})
}

// What a client says of itself never reaches the API, in whichever spelling.
func TestGatewaysStripForgedIdentities(t *testing.T) {
	t.Parallel()
	eachGateway(t, sqliteFile, func(g *gateway, dana *client) {
		key := dana.addKey("")
		for _, name := range []string{"X-Keylodge-Role", "x-keylodge-role", "X_Keylodge_Role", "x_keylodge-role", "X-Keylodge_Role", "X-Keylodge-Scopes", "X-Keylodge-Key-Name", "X-Keylodge-Workspace"} {
			r := g.passes(name, "X-API-Key", key, name, "forged", name, "forged too")
			for got, values := range r.Header {
				if strings.Contains(fmt.Sprint(values), "forged") {
					g.Errorf("%s reaches the API as %s: %q", name, got, values)
				}
			}
		}
		g.refused("an identity without a key", http.StatusUnauthorized, "X-Keylodge-Role", "owner", "X-Keylodge-Workspace", "acme", "X-Keylodge-User", "usr_1")
	})
}

func TestGatewaysRefuse(t *testing.T) {
	t.Parallel()
	eachGateway(t, sqliteFile, func(g *gateway, dana *client) {
		key := dana.addKey("key")
		for what, headers := range map[string][]string{
			"no key": nil, "no key at all": {"X-API-Key", "x"}, "two keys": {"X-API-Key", key, "Authorization", "Bearer " + key}, "the same twice": {"X-API-Key", key, "X-API-Key", key},
		} {
			if a := g.refused(what, http.StatusUnauthorized, headers...); a.header.Get("WWW-Authenticate") != `Bearer error="invalid_token"` {
				g.Errorf("%s: WWW-Authenticate %q", what, a.header.Values("WWW-Authenticate"))
			}
		}
		if a := g.client.get("/invoices?key="+key, "X-From", "x"); a.status != http.StatusUnauthorized {
			g.Errorf("a key in the address: %d", a.status)
		}

		g.passes("before it is revoked", "X-API-Key", key)
		dana.revoke(dana.keyID("key"))
		g.refused("at the next request after it", http.StatusUnauthorized, "X-API-Key", key)

		// The address is the client's own, not what it claims.
		g.passes("from here", "X-API-Key", g.keylodge.newKey(g, "--allow-from", "127.0.0.1"))
		elsewhere := g.keylodge.newKey(g, "--allow-from", "192.0.2.7")
		if a := g.refused("a claim to be elsewhere", http.StatusForbidden, "X-API-Key", elsewhere, "X-Forwarded-For", "192.0.2.7"); !strings.Contains(a.header.Get("WWW-Authenticate"), "insufficient_scope") {
			g.Errorf("WWW-Authenticate %q", a.header.Values("WWW-Authenticate"))
		}

		limited := g.keylodge.newKey(g, "--rate-limit", "1/24h")
		g.passes("within its rate", "X-API-Key", limited)
		a := g.refused("over its rate", http.StatusTooManyRequests, "X-API-Key", limited)
		if a.header.Get("Retry-After") == "" || !strings.HasPrefix(a.header.Get("RateLimit"), `"key";r=0;`) || a.header.Get("RateLimit-Policy") != `"key";q=1;w=86400` {
			g.Errorf("headers of a 429: %v", a.header)
		}
	})
}

func TestGatewaysKeepBodies(t *testing.T) {
	t.Parallel()
	eachGateway(t, sqliteFile, func(g *gateway, dana *client) {
		key, body := dana.addKey("key"), strings.Repeat("0123456789", 10_000)
		a := g.client.send(http.MethodPost, "/invoices", strings.NewReader(body), "X-API-Key", key)
		if g.client.want(a, http.StatusOK); g.body != body {
			g.Errorf("%d bytes of %d reach the API", len(g.body), len(body))
		}
	})
}

// Without Keylodge nobody gets through, nor while it can't tell whether a key is still good.
func TestGatewaysFailClosed(t *testing.T) {
	t.Parallel()
	var databases sync.Map // by test
	database := func(t testing.TB) string {
		server := postgrestest.New(t)
		databases.Store(t.Name(), server)
		return server.URL(t)
	}
	eachGateway(t, database, func(g *gateway, dana *client) {
		key := dana.addKey("key")
		g.passes("at first", "X-API-Key", key)
		server, _ := databases.Load(g.T.Name())
		server.(*postgrestest.Server).Stop()
		if a := g.refused("while Keylodge can't tell", http.StatusServiceUnavailable, "X-API-Key", key); a.header.Get("Retry-After") == "" {
			g.Errorf("headers of a 503: %v", a.header)
		}
		g.keylodge.kill()
		g.refused("without Keylodge", g.withoutKeylodge, "X-API-Key", key)
	})
}
