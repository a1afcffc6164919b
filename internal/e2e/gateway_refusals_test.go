package e2e

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// standIn is an HTTP server in Keylodge's place. It responds as a test says and
// records the requests.
type standIn struct {
	*httptest.Server
	mu          sync.Mutex
	asked       []received
	connections int
}

// newStandIn starts a stand-in that responds to every request with answer.
func newStandIn(t testing.TB, answer http.HandlerFunc) *standIn {
	s := &standIn{}
	s.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		s.mu.Lock()
		s.asked = append(s.asked, received{r.Method, r.RequestURI, string(body), r.Header.Clone(), r.Trailer})
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

// questions returns the requests since the last call.
func (s *standIn) questions() []received {
	s.mu.Lock()
	defer s.mu.Unlock()
	asked := s.asked
	s.asked = nil
	return asked
}

// accept is Keylodge's response for a valid key with a rate limit.
func accept(w http.ResponseWriter, _ *http.Request) {
	for name, value := range map[string]string{
		"X-Keylodge-Workspace": "acme", "X-Keylodge-User": "usr_1", "X-Keylodge-Role": "developer",
		"X-Keylodge-Scopes": "invoices:read orders:read",
		"X-Keylodge-Key-Id": "key_1", "X-Keylodge-Key-Name": "CI",
	} {
		w.Header().Set(name, value)
	}
	w.Header()["RateLimit"], w.Header()["RateLimit-Policy"] = []string{`"key";r=1;t=30`}, []string{`"key";q=2;w=60`}
	w.WriteHeader(http.StatusNoContent)
}

// refusal is a response of Keylodge other than 204.
type refusal struct {
	status int
	header map[string]string
}

func (r refusal) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	for name, value := range r.header {
		w.Header()[name] = []string{value}
	}
	w.WriteHeader(r.status)
}

// TestGatewayPassesRefusalsOn responds with each of Keylodge's refusals.
func TestGatewayPassesRefusalsOn(t *testing.T) {
	t.Parallel()
	refusals := []refusal{
		{http.StatusUnauthorized, map[string]string{"WWW-Authenticate": `Bearer error="invalid_token"`}},
		{http.StatusForbidden,
			map[string]string{"WWW-Authenticate": `Bearer error="insufficient_scope", scope="invoices:read"`}},
		{http.StatusTooManyRequests, map[string]string{
			"Retry-After": "17", "RateLimit": `"key";r=0;t=17`, "RateLimit-Policy": `"key";q=2;w=60`}},
		{http.StatusServiceUnavailable, map[string]string{"Retry-After": "3"}},
	}
	onEachGateway(t, func(t *testing.T, g gateway) {
		var answer atomic.Pointer[refusal]
		keylodge := newStandIn(t, func(w http.ResponseWriter, r *http.Request) { answer.Load().ServeHTTP(w, r) })
		f := g.before(t, keylodge.address())
		for _, c := range refusals {
			answer.Store(&c)
			for _, path := range []string{"/", "/invoices/1"} {
				for _, method := range []string{"GET", "POST"} {
					a := f.newClient(t).send(method, path, strings.NewReader("x"), "X-API-Key", "kl_x")
					if a.status != c.status {
						t.Errorf("%s %s: status %d instead of %d", method, path, a.status, c.status)
					}
					for _, name := range []string{"WWW-Authenticate", "Retry-After", "RateLimit", "RateLimit-Policy"} {
						if got := strings.Join(a.header.Values(name), "|"); got != c.header[name] {
							t.Errorf("%d, %s %s: %s %q", c.status, method, path, name, got)
						}
					}
				}
			}
		}
		if f.service.times() != 0 {
			t.Errorf("the service was asked %d times", f.service.times())
		}
	})
}

// TestGatewayTakesOnly204ForYes responds with statuses that Keylodge never
// sends.
func TestGatewayTakesOnly204ForYes(t *testing.T) {
	t.Parallel()
	const anotherPage = "another page"
	answers := map[string]http.HandlerFunc{
		"a redirect":  func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/yes", http.StatusFound) },
		"an error":    func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) },
		"not found":   http.NotFound,
		"bad request": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadRequest) },
		"hanging up":  func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"no answer":   func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
		anotherPage:   func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "welcome") },
	}
	onEachGateway(t, func(t *testing.T, g gateway) {
		var answer atomic.Pointer[http.HandlerFunc]
		keylodge := newStandIn(t, func(w http.ResponseWriter, r *http.Request) { (*answer.Load())(w, r) })
		f := g.before(t, keylodge.address())
		for name, a := range answers {
			answer.Store(&a)
			before := f.service.times()
			f.newClient(t).get("/", "X-API-Key", "kl_x")
			want := 0
			if name == anotherPage && g.takesAny2xx {
				want = 1
			}
			if n := f.service.times() - before; n != want || len(keylodge.questions()) == 0 {
				t.Errorf("%s: the service was asked %d times", name, n)
			}
		}
	})
}

// TestHAProxyRefusesWhenItsLuaFails makes the Lua action fail midway.
func TestHAProxyRefusesWhenItsLuaFails(t *testing.T) {
	t.Parallel()
	haproxy := gateways[slices.IndexFunc(gateways, func(g gateway) bool { return g.name == "HAProxy" })]
	haproxy.edit = func(_, text string) string { return strings.Replace(text, "core.httpclient()", "nothing()", 1) }
	f := haproxy.before(t, newStandIn(t, accept).address())
	if a := f.newClient(t).get("/", "X-API-Key", "kl_x"); a.status != http.StatusServiceUnavailable ||
		f.service.times() != 0 {
		t.Errorf("status %d, and the service was asked %d times", a.status, f.service.times())
	}
}

// TestGatewayAsksAHungKeylodgeOnce uses a Keylodge that accepts connections and
// never responds.
func TestGatewayAsksAHungKeylodgeOnce(t *testing.T) {
	t.Parallel()
	onEachGateway(t, func(t *testing.T, g gateway) {
		keylodge := newStandIn(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
		f := g.before(t, keylodge.address())
		if a := f.newClient(t).get("/", "X-API-Key", "kl_x"); a.status != http.StatusServiceUnavailable ||
			f.service.times() != 0 {
			t.Errorf("status %d, and the service was asked %d times", a.status, f.service.times())
		}
		if asked := len(keylodge.questions()); asked != 1 {
			t.Errorf("Keylodge was asked %d times", asked)
		}
	})
}

// TestWhatGatewaysAsk checks the requests that gateways send to Keylodge.
func TestWhatGatewaysAsk(t *testing.T) {
	t.Parallel()
	onEachGateway(t, func(t *testing.T, g gateway) {
		keylodge := newStandIn(t, accept)
		f := g.before(t, keylodge.address())
		const burnt = "kl_00000000000000000000000000000000000000"
		for path, want := range map[string]string{
			"/orders?page=2&key=" + burnt + "&scope=x": "/verify",
			"/invoices/1?scope=" + burnt:               "/verify?scope=invoices:read", "/": "/verify",
		} {
			a := f.newClient(t).
				send("POST", path, strings.NewReader("a body"), "Authorization", "Bearer kl_x", "User-Agent",
					"agent/1", "Cookie", "session=x", "Host", "any.example", "Connection", "X-Keylodge-Scopes")
			r := f.wasAsked(t, a)
			if a.header.Get("RateLimit") != `"key";r=1;t=30` || a.header.Get("RateLimit-Policy") != `"key";q=2;w=60` {
				t.Errorf("%s: the client received %v", path, a.header)
			}
			if r.URI != path || r.Body != "a body" || r.Header.Get("X-Keylodge-Scopes") != "invoices:read orders:read" {
				t.Errorf("%s: the service gets %v", path, r)
			}
			for _, q := range keylodge.questions() {
				q.URI = strings.TrimSuffix(strings.Replace(q.URI, "%3A", ":", 1), "?")
				if q.Method != http.MethodGet || q.URI != want || q.Body != "" {
					t.Errorf("%s: Keylodge is asked %s %s with %q", path, q.Method, q.URI, q.Body)
				}
				for name, value := range map[string]string{"Authorization": "Bearer kl_x", "User-Agent": "agent/1",
					"X-Forwarded-For": "127.0.0.1", "Cookie": ""} {
					if q.Header.Get(name) != value {
						t.Errorf("%s: Keylodge received %s %q", path, name, q.Header.Get(name))
					}
				}
				if strings.Contains(fmt.Sprint(q.Header), burnt) {
					t.Errorf("%s: Keylodge received the client's query: %v", path, q.Header)
				}
			}
		}
	})
}

// TestGatewayKeepsConnections sends one request after the other.
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

// oddPaths are spellings of a path that needs a scope, as some services may
// read it.
var oddPaths = []string{
	"/invoices", "/invoices/", "/invoices/1", "/invoices?x", "/invoices?", "/Invoices", "/INVOICES/1", "/invoices;x",
	"/invoices;x=/../y/1", "/invoices/;x", "/;x/invoices", "/;/invoices",
	"//invoices", "//invoices/1", "///invoices", "/./invoices/1", "/.;/invoices", "/x/../invoices/1", "/x/..;/invoices",
	"/x/..;y/invoices/1", "/x/%2e%2e/invoices/1", "/%2e/invoices/1",
	"/invoices%2f1", "/invoices%2F", "/%2finvoices/1", "/%2Finvoices", "/x%2f..%2finvoices", "/x//../invoices/1",
	"/x/..//invoices/1", "/%69nvoices", "/%69nvoices/1", "/invoice%73", "/invoices%3bx",
	"/invoices%3Bx", "/x/..%3b/invoices", "/invoices/./1", "/invoices//1", "/x/%2E./invoices/1", "/x/.%2e/invoices",
	"/\\invoices", "/x\\..\\invoices", "/%5cinvoices", "/x/..%5cinvoices", "/invoices\\1", "/invoices%5C1",
	"/invoices%00", "/invoices%20", "/invoices/..", "/invoices/%2e%2e/invoices", "/invoices/../invoices", "/invoices.",
	"/invoices#x", "/invoices%23x", "/invoices%3fx",
	"http://service/invoices", "http://service/invoices/1", "http://service//invoices", "http://service/x/../invoices",
	"http://user@service/invoices", "HTTP://service/invoices", "http:/invoices", "http:invoices",
	"https://service/invoices/1", "*", "invoices", "service/invoices", "service:80",
}

// likeInvoices reports whether some service may read a path as one below
// /invoices: one that decodes, drops parameters, folds case and cleans paths.
func likeInvoices(uri string) bool {
	if _, rest, absolute := strings.Cut(uri, "://"); absolute {
		_, uri, _ = strings.Cut(rest, "/")
		uri = "/" + uri
	}
	uri, _, _ = strings.Cut(uri, "?")
	uri, _, _ = strings.Cut(uri, "#")
	for range 2 {
		if decoded, err := url.PathUnescape(uri); err == nil {
			uri = strings.ToLower(strings.ReplaceAll(decoded, "\\", "/"))
		}
		segments := strings.Split(uri, "/")
		for i, segment := range segments {
			segments[i], _, _ = strings.Cut(segment, ";")
		}
		uri = path.Clean("/" + strings.Join(segments, "/"))
	}
	uri = strings.TrimRight(uri, " .\x00")
	return uri == "/invoices" || strings.HasPrefix(uri, "/invoices/")
}

// TestGatewayRulesHoldForOddPaths requests a path that needs a scope in other
// spellings, with every method. The gateway must require the scope or refuse
// the request.
func TestGatewayRulesHoldForOddPaths(t *testing.T) {
	t.Parallel()
	onEachGateway(t, func(t *testing.T, g gateway) {
		keylodge := newStandIn(t, accept)
		f := g.before(t, keylodge.address())
		for _, path := range oddPaths {
			for _, method := range []string{"GET", "POST", "OPTIONS", "BREW"} {
				before := f.service.times()
				a := f.converse(t, method+" "+path+" HTTP/1.1\r\nHost: "+f.address+"\r\nX-API-Key: kl_x\r\n\r\n")
				asked, scoped := keylodge.questions(), false
				for _, q := range asked {
					scoped = strings.Contains(q.URI, "?scope=invoices")
				}
				if f.service.times() != before && (len(asked) == 0 || likeInvoices(path) && !scoped) {
					t.Errorf("%s %s reaches the service without the scope, with %d", method, path, a.status)
				}
			}
		}
		for _, path := range []string{"/", "/orders", "/invoices-of-others", "/orders?back=//x/../y;z%2f", "/a.b/c%20d",
			"/orders;x=1"} {
			a := f.converse(t, "GET "+path+" HTTP/1.1\r\nHost: "+f.address+"\r\nX-API-Key: kl_x\r\n\r\n")
			if r := f.wasAsked(t, a); r.URI != path {
				t.Errorf("%s comes as %s", path, r.URI)
			}
			for _, q := range keylodge.questions() {
				if strings.Contains(q.URI, "scope=") {
					t.Errorf("%s needs a scope", path)
				}
			}
		}
	})
}

// TestGatewayDropsForgedTrailers sends identity headers as trailers of a
// chunked body, which some services treat as headers.
func TestGatewayDropsForgedTrailers(t *testing.T) {
	t.Parallel()
	onEachGateway(t, func(t *testing.T, g gateway) {
		keylodge := newStandIn(t, accept)
		f := g.before(t, keylodge.address())
		for _, announced := range []string{"", "Trailer: X-Keylodge-User\r\n",
			"Trailer: X-Keylodge-User, x_keylodge_role\r\nTE: trailers\r\n",
			"Connection: TE, X-Keylodge-User\r\nTE: trailers\r\n"} {
			for _, method := range []string{"GET", "POST", "PUT"} {
				before := f.service.times()
				a := f.converse(t, method+" / HTTP/1.1\r\nHost: "+f.address+"\r\nX-API-Key: kl_x\r\n"+
					"Transfer-Encoding: chunked\r\n"+announced+
					"\r\n1\r\na\r\n0\r\nX-Keylodge-User: usr_forged\r\nx_keylodge_role: owner\r\n\r\n")
				if f.service.times() == before {
					if a.status < 400 || a.status >= 500 {
						t.Errorf("%s %q: status %d", method, announced, a.status)
					}
					continue
				}
				r := f.wasAsked(t, a)
				if r.Body != "a" || len(identity(r.Trailer)) > 0 || r.Header.Get("X-Keylodge-User") != "usr_1" {
					t.Errorf("%s %q: the service gets the trailers %v and the headers %v", method, announced, r.Trailer,
						r.Header)
				}
			}
		}
	})
}

// TestGatewayGuardsUpgrades requests a WebSocket.
func TestGatewayGuardsUpgrades(t *testing.T) {
	t.Parallel()
	onEachGateway(t, func(t *testing.T, g gateway) {
		keylodge := newStandIn(t, func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusUnauthorized)
		})
		f := g.before(t, keylodge.address())
		for _, upgrade := range []string{"websocket", "h2c"} {
			a := f.converse(t, "GET / HTTP/1.1\r\nHost: "+f.address+"\r\nX-API-Key: kl_x\r\nConnection: Upgrade, "+
				"HTTP2-Settings\r\nUpgrade: "+upgrade+
				"\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: "+
				"dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
			if a.status != http.StatusUnauthorized || f.service.times() != 0 {
				t.Errorf("%s: status %d, and the service was asked %d times", upgrade, a.status, f.service.times())
			}
		}
	})
}
