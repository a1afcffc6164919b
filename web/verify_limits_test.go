package web

import (
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"testing"

	"github.com/keylodge/keylodge/internal/workspace"
)

// TestScopesAtTheGateway tests GET /verify?scope=…
func TestScopesAtTheGateway(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	s.newOwner(t)
	full := s.addKey(t, "acme", workspace.NewKey{})
	narrow := s.addKey(t, "acme", workspace.NewKey{Scopes: []string{"invoices:read", "a"}})
	gateway := s.newClient(t)
	for _, c := range []struct {
		query     string
		full, not int
	}{
		{"", 204, 204},
		{"?scope=a", 204, 204},
		{"?scope=a&scope=invoices:read", 204, 204},
		{"?scope=a+invoices:read", 204, 204},
		{"?scope=a%20invoices%3Aread", 204, 204},
		{"?scope=b", 204, 403},
		{"?scope=a&scope=b", 204, 403},
		{"?scope=A", 204, 403},
		{"?scope=invoices", 204, 403},
		{"?scope=", 400, 400},
		{"?scope=a++b", 400, 400},
		{"?scope=%22", 400, 400},
		{"?scope=%C3%A9", 400, 400},
		{"?scope=%zz", 400, 400},
		{"?scopes=a", 400, 400},
		{"?Scope=a", 400, 400},
		{"?scpe=a", 400, 400},
		{"?scope=a&other=b", 400, 400},
	} {
		for key, want := range map[string]int{full: c.full, narrow: c.not} {
			a := gateway.fetch("/verify"+c.query, "X-API-Key", key)
			if a.status != want || a.body != "" {
				t.Errorf("%q: %d, want %d", c.query, a.status, want)
			}
		}
	}
	if a := gateway.fetch("/verify", "X-API-Key", narrow); a.header.Get("X-Keylodge-Scopes") != "a invoices:read" {
		t.Errorf("scopes: %q", a.header.Get("X-Keylodge-Scopes"))
	}
	a := gateway.fetch("/verify?scope=b&scope=c", "X-API-Key", narrow)
	if a.header.Get("WWW-Authenticate") != `Bearer error="insufficient_scope", scope="b c"` {
		t.Errorf("WWW-Authenticate: %s", a.header.Get("WWW-Authenticate"))
	}
	if !strings.Contains(s.log.String(), "gateway misconfigured: invalid host, scope or parameter") {
		t.Error("the log says nothing of scopes that can’t be")
	}
	gateway.fetch("/api/v1/me", "X-API-Key", narrow).want(http.StatusOK, `"scopes":["a","invoices:read"]`)
	gateway.fetch("/api/v1/me", "X-API-Key", full).want(http.StatusOK, `"scopes":null`)
}

// TestNetworksAtTheGateway restricts a key to networks. The client's IP is the
// one that a trusted proxy sends.
func TestNetworksAtTheGateway(t *testing.T) {
	t.Parallel()
	s := newTestServer(t, trustLoopback)
	s.newOwner(t)
	key := s.addKey(t, "acme", workspace.NewKey{Networks: []string{"192.0.2.0/24", "2001:db8::/32"}})
	gateway := s.newClient(t)
	for forwarded, want := range map[string]int{
		"192.0.2.7": 204, "2001:db8::7": 204, "::ffff:192.0.2.7": 204, "192.0.3.7": 403, "2001:db9::7": 403, "": 403,
		"nonsense":               403,
		"192.0.2.7, 203.0.113.1": 403, "203.0.113.1, 192.0.2.7": 204,
	} {
		headers := []string{"X-API-Key", key}
		if forwarded != "" {
			headers = append(headers, "X-Forwarded-For", forwarded)
		}
		a := gateway.fetch("/verify", headers...)
		if a.status != want || want == 403 && a.header.Get("WWW-Authenticate") != `Bearer error="insufficient_scope"` {
			t.Errorf("%q: %d %s, want %d", forwarded, a.status, a.header.Get("WWW-Authenticate"), want)
		}
	}
}

// TestRateLimits uses up the rates of keys, each independent of the others, and
// disables one key meanwhile.
func TestRateLimits(t *testing.T) {
	s := newTestServer(t)
	dana := s.newOwner(t)
	one := s.addKey(t, "acme", workspace.NewKey{Name: "one", Rate: "3/24h"})
	two := s.addKey(t, "acme", workspace.NewKey{Rate: "3/24h"})
	free := s.addKey(t, "acme", workspace.NewKey{})
	gateway := s.newClient(t)
	for left := 2; left >= 0; left-- {
		a := gateway.fetch("/verify", "X-API-Key", one).want(http.StatusNoContent)
		if got := a.header.Get("RateLimit"); !strings.HasPrefix(got, `"key";r=`+strconv.Itoa(left)+";t=") {
			t.Errorf("RateLimit: %s with %d left", got, left)
		}
		if got := a.header.Get("RateLimit-Policy"); got != `"key";q=3;w=86400` {
			t.Errorf("RateLimit-Policy: %s", got)
		}
	}
	refused := func() {
		t.Helper()
		a := gateway.fetch("/verify", "X-API-Key", one).want(http.StatusTooManyRequests)
		if wait, err := strconv.Atoi(a.header.Get("Retry-After")); err != nil || wait < 1 || wait > 28800 ||
			!strings.HasPrefix(a.header.Get("RateLimit"), `"key";r=0;t=`) {
			t.Errorf("Retry-After %q, RateLimit %q", a.header.Get("Retry-After"), a.header.Get("RateLimit"))
		}
	}
	refused()
	gateway.fetch("/api/v1/me", "X-API-Key", one).want(http.StatusTooManyRequests)
	// A change of the key does not give it back.
	s.disableKey(t, dana.keyID("one"))
	gateway.fetch("/verify", "X-API-Key", one).want(http.StatusUnauthorized)
	if _, err := s.Service.EnableKey(t.Context(), s.operator(t, "acme"), dana.keyID("one")); err != nil {
		t.Fatal(err)
	}
	refused()
	gateway.fetch("/verify", "X-API-Key", two).want(http.StatusNoContent)
	if a := gateway.fetch("/verify", "X-API-Key", free).want(http.StatusNoContent); a.header.Get("RateLimit") != "" {
		t.Error("a key without a rate has a RateLimit")
	}
	// What is refused for another reason uses nothing up.
	bound := s.addKey(t, "acme", workspace.NewKey{Rate: "1/24h", Scopes: []string{"a"}})
	for range 3 {
		gateway.fetch("/verify?scope=b", "X-API-Key", bound).want(http.StatusForbidden)
	}
	gateway.fetch("/verify?scope=a", "X-API-Key", bound).want(http.StatusNoContent)
}

// TestRateLimitInParallel accepts exactly as many requests as the rate allows.
func TestRateLimitInParallel(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	s.newOwner(t)
	key := s.addKey(t, "acme", workspace.NewKey{Rate: "50/24h"})
	statuses := make([]int, 200)
	gateway := s.newClient(t)
	together(len(statuses), func(i int) {
		statuses[i] = gateway.fetch("/verify", "X-API-Key", key).status
	})
	n := map[int]int{}
	for _, status := range statuses {
		n[status]++
	}
	if n[204] != 50 || n[429] != 150 {
		t.Errorf("answers by status: %v", n)
	}
}

// trustLoopback trusts a proxy on this machine to send the client's IP.
func trustLoopback(c *Config) {
	c.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
}
