package e2e

import (
	"net"
	"net/http"
	"net/http/httptrace"
	"strings"
	"testing"

	"github.com/keylodge/keylodge/internal/postgrestest"
)

func TestGatewayPassesGoodKeys(t *testing.T) {
	t.Parallel()
	onEachGateway(t, func(t *testing.T, g gateway) {
		s := start(t, sqliteFile(t))
		key := s.setUp(t).addKey("Schlüssel 100%")
		f := g.before(t, s.address)
		body := strings.Repeat("body ", 50_000)
		for _, c := range []struct {
			name, method, path, body string
			headers                  []string
		}{
			{"Bearer", "GET", "/orders?page=2&x=a%20b", "", []string{"Authorization", "Bearer " + key}},
			{"bearer", "DELETE", "/orders/1", "", []string{"Authorization", "bearer " + key}},
			{"X-API-Key", "GET", "/", "", []string{"X-API-Key", key}},
			{"beside Basic", "GET", "/", "", []string{"X-API-Key", key, "Authorization", "Basic eDp5"}},
			{"a small body", "POST", "/orders", "a=1", []string{"X-API-Key", key}},
			{"a large body", "PUT", "/orders", body, []string{"Authorization", "Bearer " + key}},
			{"a path that asks for a scope", "GET", "/invoices/1", "", []string{"X-API-Key", key}},
			{"a Keylodge's host of another workspace", "GET", "/", "",
				[]string{"X-API-Key", key, "Host", "other.localhost"}},
		} {
			t.Run(c.name, func(t *testing.T) {
				r := f.wasAsked(t, f.newClient(t).send(c.method, c.path, strings.NewReader(c.body), c.headers...))
				if r.Method != c.method || r.URI != c.path || r.Body != c.body {
					t.Errorf("%s %s with %d bytes", r.Method, r.URI, len(r.Body))
				}
				checkIdentity(t, r.Header, s.verify(t, key))
				if r.Header.Get("Authorization") != "" || r.Header.Get("X-Api-Key") != "" {
					t.Errorf("the service gets the key: %v", r.Header)
				}
			})
		}
	})
}

// TestGatewayStripsForgedIdentity sends identity headers with a key that has no
// name.
func TestGatewayStripsForgedIdentity(t *testing.T) {
	t.Parallel()
	onEachGateway(t, func(t *testing.T, g gateway) {
		s := start(t, sqliteFile(t))
		key := s.setUp(t).addKey("")
		f := g.before(t, s.address)
		for _, forged := range []string{
			"X-Keylodge-Role: admin", "x-keylodge-role: admin", "X-KEYLODGE-ROLE: admin",
			"X-Keylodge-Role: admin\r\nX-Keylodge-Role: member",
			"X_Keylodge_Role: admin", "x_keylodge_role: admin", "X-Keylodge_Role: admin", "X_KEYLODGE-ROLE: admin",
			"X.Keylodge.Role: admin",
			"X-Keylodge-Key-Name: forged", "x_keylodge_key_name: forged", "X-Keylodge-Scopes: everything",
			"X_Keylodge_Scopes: everything",
			"X-Keylodge-Workspace: other", "X-Keylodge-User: usr_x", "X-Keylodge-Key-Id: key_x",
			"Connection: X-Keylodge-Role, X-Keylodge-Workspace, close",
			"Connection: X-Keylodge-Role, X-Keylodge-Key-Id, close\r\nX-Keylodge-Role: admin",
		} {
			t.Run(strings.ReplaceAll(forged, "\r\n", " and "), func(t *testing.T) {
				request := "GET / HTTP/1.1\r\nHost: " + f.address + "\r\nAuthorization: Bearer " + key + "\r\n"
				r := f.wasAsked(t, f.converse(t, request+forged+"\r\n\r\n"))
				checkIdentity(t, r.Header, s.verify(t, key))
			})
		}
	})
}

func TestGatewayRefusesWithoutAGoodKey(t *testing.T) {
	t.Parallel()
	onEachGateway(t, func(t *testing.T, g gateway) {
		s := start(t, sqliteFile(t))
		dana := s.setUp(t)
		key, other := dana.addKey("key"), dana.addKey("other")
		f := g.before(t, s.address)
		for _, c := range []struct {
			name, path string
			headers    []string
		}{
			{"nothing", "/", nil},
			{"an identity alone", "/", []string{"X-Keylodge-Role", "owner", "X-Keylodge-Workspace", "acme"}},
			{"malformed", "/", []string{"Authorization", "Bearer kl_x"}},
			{"unknown", "/", []string{"X-API-Key", "kl_" + strings.Repeat("0", 38)}},
			{"another scheme", "/", []string{"Authorization", "Token " + key}},
			{"both ways", "/", []string{"Authorization", "Bearer " + key, "X-API-Key", key}},
			{"the same twice", "/", []string{"X-API-Key", key, "X-API-Key", key}},
			{"two X-API-Key", "/", []string{"X-API-Key", key, "X-API-Key", other}},
			{"a good one and then a bad one", "/", []string{"X-API-Key", key, "X-API-Key", "x"}},
			{"in the query", "/?access_token=" + key, nil},
			{"as the whole query", "/?" + key, nil},
			{"in the path", "/" + key, nil},
			{"as a cookie", "/", []string{"Cookie", "key=" + key}},
			{"where a scope is asked for", "/invoices/1", nil},
		} {
			for _, method := range []string{"GET", "POST", "HEAD"} {
				t.Run(method+" "+c.name, func(t *testing.T) {
					a := f.newClient(t).send(method, c.path, nil, c.headers...)
					if a.status != http.StatusUnauthorized ||
						!strings.HasPrefix(a.header.Get("WWW-Authenticate"), "Bearer") ||
						len(a.header.Values("WWW-Authenticate")) != 1 {
						t.Errorf("status %d, WWW-Authenticate %q", a.status, a.header.Values("WWW-Authenticate"))
					}
				})
			}
		}
		twice := []string{"Authorization", "Bearer " + key, "Authorization", "Bearer " + other}
		if a := f.newClient(t).get("/", twice...); a.status != g.doubled {
			t.Errorf("two Authorization headers: status %d", a.status)
		}
		if f.service.times() != 0 {
			t.Errorf("the service was asked %d times", f.service.times())
		}
	})
}

// TestGatewayRefusesRevokedKeyAtOnce revokes a key between two requests of one
// connection.
func TestGatewayRefusesRevokedKeyAtOnce(t *testing.T) {
	t.Parallel()
	onEachGateway(t, func(t *testing.T, g gateway) {
		s := start(t, sqliteFile(t))
		dana := s.setUp(t)
		key := dana.addKey("to revoke")
		f := g.before(t, s.address)
		c := f.newClient(t)
		for range 3 {
			f.wasAsked(t, c.get("/", "X-API-Key", key))
		}
		dana.revoke(dana.keyID("to revoke"))
		r, err := http.NewRequestWithContext(httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{
			GotConn: func(i httptrace.GotConnInfo) {
				if !i.Reused {
					t.Error("the connection is another")
				}
			},
		}), http.MethodGet, f.url, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("X-API-Key", key)
		response, err := c.http.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != http.StatusUnauthorized || f.service.times() != 3 {
			t.Errorf("status %d, and the service was asked %d times", response.StatusCode, f.service.times())
		}
	})
}

// TestGatewayFailsClosed stops Keylodge and starts it again. Meanwhile every
// request must be refused.
func TestGatewayFailsClosed(t *testing.T) {
	t.Parallel()
	onEachGateway(t, func(t *testing.T, g gateway) {
		database, address := sqliteFile(t), freeAddress(t)
		s := start(t, database, "--addr", address)
		key := s.setUp(t).addKey("key")
		f := g.before(t, s.address)
		c := f.newClient(t)
		f.wasAsked(t, c.get("/", "X-API-Key", key))
		s.stop()
		for _, headers := range [][]string{
			nil, {"X-API-Key", key}, {"Authorization", "Bearer " + key, "X-Keylodge-Role", "owner"},
		} {
			for _, path := range []string{"/", "/invoices/1"} {
				if a := c.get(path, headers...); a.status != http.StatusServiceUnavailable {
					t.Errorf("status %d: %s", a.status, a.body)
				}
			}
		}
		if f.service.times() != 1 {
			t.Errorf("the service was asked %d times", f.service.times())
		}
		start(t, database, "--addr", address)
		eventually(t, "the gateway finds Keylodge again",
			func() bool { return c.get("/", "X-API-Key", key).status == http.StatusOK })
	})
}

// TestGatewayTellsThatNothingCanBeProven stops Keylodge's database.
func TestGatewayTellsThatNothingCanBeProven(t *testing.T) {
	t.Parallel()
	onEachGateway(t, func(t *testing.T, g gateway) {
		database := postgrestest.New(t)
		s := start(t, database.URL(t))
		key := s.setUp(t).addKey("key")
		f := g.before(t, s.address)
		c := f.newClient(t)
		f.wasAsked(t, c.get("/", "X-API-Key", key))
		database.Stop()
		if a := c.get("/", "X-API-Key", key); a.status != http.StatusServiceUnavailable ||
			a.header.Get("Retry-After") == "" {
			t.Errorf("status %d, Retry-After %q", a.status, a.header.Get("Retry-After"))
		}
		if f.service.times() != 1 {
			t.Errorf("the service was asked %d times", f.service.times())
		}
		s.stop() // before its database is
	})
}

// TestGatewayTellsWhereClientsAre sends requests from one IP that claim to come
// from another.
func TestGatewayTellsWhereClientsAre(t *testing.T) {
	t.Parallel()
	const here, claimed = "127.0.0.2", "192.0.2.44"
	onEachGateway(t, func(t *testing.T, g gateway) {
		s := start(t, sqliteFile(t), "--trusted-proxies", "127.0.0.1/32")
		dana := s.setUp(t)
		key := dana.addKey("key")
		f := g.before(t, s.address)
		c := f.newClient(t)
		dialer := &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(here)}}
		c.http.Transport = &http.Transport{DialContext: dialer.DialContext}
		r := f.wasAsked(t, c.get("/", "X-API-Key", key, "X-Forwarded-For", claimed, "X-Real-IP", claimed,
			"Forwarded", "for="+claimed, "Connection", "X-Forwarded-For"))
		if forwarded := r.Header.Values("X-Forwarded-For"); len(forwarded) != 1 || forwarded[0] != here {
			t.Errorf("the service received %q", forwarded)
		}
		var page answer
		eventually(t, "the page shows from where the key was used", func() bool {
			page = dana.get("/settings/api-keys")
			return strings.Contains(page.text(), here)
		})
		if strings.Contains(page.text(), claimed) {
			t.Error("the page shows what the client claims")
		}
	})
}
