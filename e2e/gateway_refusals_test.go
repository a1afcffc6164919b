package e2e

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
)

// standIn answers in Keylodge's place what a test wants, and keeps what it is asked.
type standIn struct {
	*httptest.Server
	mu          sync.Mutex
	asked       []received
	connections int
}

// newStandIn answers every question by answer.
func newStandIn(t testing.TB, answer http.HandlerFunc) *standIn {
	s := &standIn{}
	s.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		s.mu.Lock()
		s.asked = append(s.asked, received{r.Method, r.RequestURI, string(body), r.Header.Clone()})
		s.mu.Unlock()
		answer(w, r)
	}))
	s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			s.mu.Lock()
			s.connections++
			s.mu.Unlock()
		}
	}
	s.Start()
	t.Cleanup(s.Close)
	return s
}

func (s *standIn) address() string { return s.Listener.Addr().String() }

// questions returns what was asked since the last call.
func (s *standIn) questions() []received {
	s.mu.Lock()
	defer s.mu.Unlock()
	asked := s.asked
	s.asked = nil
	return asked
}

// accept is Keylodge's yes to a key that has a rate limit.
func accept(w http.ResponseWriter, _ *http.Request) {
	for name, value := range map[string]string{
		"X-Keylodge-Workspace": "acme", "X-Keylodge-User": "usr_1", "X-Keylodge-Role": "developer", "X-Keylodge-Scopes": "invoices:read orders:read",
		"X-Keylodge-Key-Id": "key_1", "X-Keylodge-Key-Name": "CI",
	} {
		w.Header().Set(name, value)
	}
	w.Header()["RateLimit"], w.Header()["RateLimit-Policy"] = []string{`"key";r=1;t=30`}, []string{`"key";q=2;w=60`}
	w.WriteHeader(http.StatusNoContent)
}

// TestGatewayPassesRefusalsOn has a stand-in refuse as Keylodge does.
func TestGatewayPassesRefusalsOn(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		status int
		header map[string]string
	}{
		{http.StatusUnauthorized, map[string]string{"WWW-Authenticate": `Bearer error="invalid_token"`}},
		{http.StatusForbidden, map[string]string{"WWW-Authenticate": `Bearer error="insufficient_scope", scope="invoices:read"`}},
		{http.StatusTooManyRequests, map[string]string{"Retry-After": "17", "RateLimit": `"key";r=0;t=17`, "RateLimit-Policy": `"key";q=2;w=60`}},
		{http.StatusServiceUnavailable, map[string]string{"Retry-After": "3"}},
	} {
		t.Run(fmt.Sprint(c.status), func(t *testing.T) {
			onEachGateway(t, func(t *testing.T, g gateway) {
				keylodge := newStandIn(t, func(w http.ResponseWriter, _ *http.Request) {
					for name, value := range c.header {
						w.Header()[name] = []string{value}
					}
					w.WriteHeader(c.status)
				})
				f := g.before(t, keylodge.address())
				for _, path := range []string{"/", "/invoices/1"} {
					for _, method := range []string{"GET", "POST"} {
						a := f.newClient(t).send(method, path, strings.NewReader("x"), "X-API-Key", "kl_x")
						if a.status != c.status {
							t.Errorf("%s %s: status %d", method, path, a.status)
						}
						for _, name := range []string{"WWW-Authenticate", "Retry-After", "RateLimit", "RateLimit-Policy"} {
							if got := strings.Join(a.header.Values(name), "|"); got != c.header[name] {
								t.Errorf("%s %s: %s %q", method, path, name, got)
							}
						}
					}
				}
				if f.service.times() != 0 {
					t.Errorf("the service was asked %d times", f.service.times())
				}
			})
		})
	}
}

// TestGatewayTakesOnly204ForYes has a stand-in answer as Keylodge never does.
func TestGatewayTakesOnly204ForYes(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]http.HandlerFunc{
		"a redirect":   func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/yes", http.StatusFound) },
		"an error":     func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) },
		"not found":    http.NotFound,
		"bad request":  func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadRequest) },
		"hanging up":   func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"no answer":    func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
		"another page": func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "welcome") },
	} {
		t.Run(name, func(t *testing.T) {
			onEachGateway(t, func(t *testing.T, g gateway) {
				keylodge := newStandIn(t, answer)
				f := g.before(t, keylodge.address())
				f.newClient(t).get("/", "X-API-Key", "kl_x")
				want := 0
				if name == "another page" && g.takesAny2xx {
					want = 1
				}
				if f.service.times() != want || len(keylodge.questions()) == 0 {
					t.Errorf("the service was asked %d times", f.service.times())
				}
			})
		})
	}
}

// TestHAProxyRefusesWhenItsLuaFails gives Lua an address without a host, which ends its action in the middle.
func TestHAProxyRefusesWhenItsLuaFails(t *testing.T) {
	t.Parallel()
	haproxy := gateways[slices.IndexFunc(gateways, func(g gateway) bool { return g.name == "HAProxy" })]
	f := haproxy.before(t, "")
	if a := f.newClient(t).get("/", "X-API-Key", "kl_x"); a.status != http.StatusServiceUnavailable || f.service.times() != 0 {
		t.Errorf("status %d, and the service was asked %d times", a.status, f.service.times())
	}
}

// TestWhatGatewaysAsk looks at the questions themselves.
func TestWhatGatewaysAsk(t *testing.T) {
	t.Parallel()
	onEachGateway(t, func(t *testing.T, g gateway) {
		keylodge := newStandIn(t, accept)
		f := g.before(t, keylodge.address())
		const burnt = "kl_00000000000000000000000000000000000000"
		for path, want := range map[string]string{
			"/orders?page=2&key=" + burnt + "&scope=x": "/verify", "/invoices/1?scope=" + burnt: "/verify?scope=invoices:read", "/": "/verify",
		} {
			a := f.newClient(t).send("POST", path, strings.NewReader("a body"), "Authorization", "Bearer kl_x", "User-Agent", "agent/1", "Cookie", "session=x", "Host", "any.example", "Connection", "X-Keylodge-Scopes")
			r := f.wasAsked(t, a)
			if a.header.Get("RateLimit") != `"key";r=1;t=30` || a.header.Get("RateLimit-Policy") != `"key";q=2;w=60` {
				t.Errorf("%s: the client is told %v", path, a.header)
			}
			if r.URI != path || r.Body != "a body" || r.Header.Get("X-Keylodge-Scopes") != "invoices:read orders:read" {
				t.Errorf("%s: the service gets %v", path, r)
			}
			for _, q := range keylodge.questions() {
				q.URI = strings.TrimSuffix(strings.Replace(q.URI, "%3A", ":", 1), "?")
				if q.Method != http.MethodGet || q.URI != want || q.Body != "" {
					t.Errorf("%s: Keylodge is asked %s %s with %q", path, q.Method, q.URI, q.Body)
				}
				for name, value := range map[string]string{"Authorization": "Bearer kl_x", "User-Agent": "agent/1", "X-Forwarded-For": "127.0.0.1", "Cookie": ""} {
					if q.Header.Get(name) != value {
						t.Errorf("%s: Keylodge is told %s %q", path, name, q.Header.Get(name))
					}
				}
				if strings.Contains(fmt.Sprint(q.Header), burnt) {
					t.Errorf("%s: Keylodge is told of the client's query: %v", path, q.Header)
				}
			}
		}
	})
}

// TestGatewayKeepsConnections asks one request after the other.
func TestGatewayKeepsConnections(t *testing.T) {
	t.Parallel()
	onEachGateway(t, func(t *testing.T, g gateway) {
		keylodge := newStandIn(t, accept)
		f, n := g.before(t, keylodge.address()), 40
		c := f.newClient(t)
		for range n {
			f.wasAsked(t, c.get("/", "X-API-Key", "kl_x"))
		}
		keylodge.mu.Lock()
		defer keylodge.mu.Unlock()
		if keylodge.connections > n/4 {
			t.Errorf("%d requests need %d connections to Keylodge", n, keylodge.connections)
		}
	})
}

// TestGatewayRulesHoldForOddPaths asks for a path that needs a scope in other spellings: the scope is asked for, or
// the request is refused.
func TestGatewayRulesHoldForOddPaths(t *testing.T) {
	t.Parallel()
	onEachGateway(t, func(t *testing.T, g gateway) {
		keylodge := newStandIn(t, accept)
		f := g.before(t, keylodge.address())
		for _, path := range []string{
			"/invoices/1", "//invoices/1", "/./invoices/1", "/x/../invoices/1", "/x/%2e%2e/invoices/1", "/%2e/invoices/1", "/invoices%2f1", "/%2finvoices/1",
			"/x//../invoices/1", "/x/..//invoices/1", "/%69nvoices/1", "/invoices/./1", "/invoices//1", "/x/%2E./invoices/1",
		} {
			before := f.service.times()
			a := f.converse(t, "GET "+path+" HTTP/1.1\r\nHost: "+f.address+"\r\nX-API-Key: kl_x\r\n\r\n")
			scoped := false
			for _, q := range keylodge.questions() {
				scoped = strings.Contains(q.URI, "?scope=invoices")
			}
			if f.service.times() != before && !scoped {
				t.Errorf("%s reaches the service without the scope, with %d", path, a.status)
			}
		}
	})
}
