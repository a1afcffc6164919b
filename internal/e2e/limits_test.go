package e2e

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
)

// TestScopesAtTheGateway is GET /verify?scope=…
func TestScopesAtTheGateway(t *testing.T) {
	t.Parallel()
	s := start(t, sqliteFile(t))
	s.setUp(t)
	full, narrow := s.newKey(t), s.newKey(t, "--scope", "invoices:read,a")
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
		{"?other=b", 204, 204},
	} {
		for key, want := range map[string]int{full: c.full, narrow: c.not} {
			a := gateway.get("/verify"+c.query, "X-API-Key", key)
			if a.status != want || a.body != "" {
				t.Errorf("%q: %d, want %d", c.query, a.status, want)
			}
		}
	}
	if a := gateway.get("/verify", "X-API-Key", narrow); a.header.Get("X-Keylodge-Scopes") != "a invoices:read" {
		t.Errorf("scopes: %q", a.header.Get("X-Keylodge-Scopes"))
	}
	if a := gateway.get("/verify?scope=b&scope=c", "X-API-Key", narrow); a.header.Get("WWW-Authenticate") != `Bearer error="insufficient_scope", scope="b c"` {
		t.Errorf("WWW-Authenticate: %s", a.header.Get("WWW-Authenticate"))
	}
	if !strings.Contains(s.log.String(), "gateway misconfigured: invalid scope or parameter") {
		t.Error("the log says nothing of scopes that can’t be")
	}
	gateway.want(gateway.get("/api/v1/me", "X-API-Key", narrow), http.StatusOK, `"scopes":["a","invoices:read"]`)
	gateway.want(gateway.get("/api/v1/me", "X-API-Key", full), http.StatusOK, `"scopes":null`)
}

// TestAddressesAtTheGateway binds a key to networks; the address is the
// client's that a trusted proxy names.
func TestAddressesAtTheGateway(t *testing.T) {
	t.Parallel()
	s := start(t, sqliteFile(t), "--trusted-proxies", "127.0.0.0/8")
	s.setUp(t)
	key := s.newKey(t, "--allow-from", "192.0.2.0/24", "--allow-from", "2001:db8::/32")
	gateway := s.newClient(t)
	for forwarded, want := range map[string]int{
		"192.0.2.7": 204, "2001:db8::7": 204, "::ffff:192.0.2.7": 204, "192.0.3.7": 403, "2001:db9::7": 403, "": 403, "nonsense": 403,
		"192.0.2.7, 203.0.113.1": 403, "203.0.113.1, 192.0.2.7": 204,
	} {
		headers := []string{"X-API-Key", key}
		if forwarded != "" {
			headers = append(headers, "X-Forwarded-For", forwarded)
		}
		a := gateway.get("/verify", headers...)
		if a.status != want || want == 403 && a.header.Get("WWW-Authenticate") != `Bearer error="insufficient_scope"` {
			t.Errorf("%q: %d %s, want %d", forwarded, a.status, a.header.Get("WWW-Authenticate"), want)
		}
	}
}

// TestRateLimits uses keys up, each for itself, and disables one meanwhile.
func TestRateLimits(t *testing.T) {
	onBothEngines(t, func(t *testing.T, database string) {
		s := start(t, database)
		dana := s.setUp(t)
		one, two, free := s.newKey(t, "--name", "one", "--rate-limit", "3/24h"), s.newKey(t, "--rate-limit", "3/24h"), s.newKey(t)
		gateway := s.newClient(t)
		for left := 2; left >= 0; left-- {
			a := gateway.want(gateway.get("/verify", "X-API-Key", one), http.StatusNoContent)
			if got := a.header.Get("RateLimit"); !strings.HasPrefix(got, `"key";r=`+strconv.Itoa(left)+";t=") {
				t.Errorf("RateLimit: %s with %d left", got, left)
			}
			if got := a.header.Get("RateLimit-Policy"); got != `"key";q=3;w=86400` {
				t.Errorf("RateLimit-Policy: %s", got)
			}
		}
		refused := func() {
			t.Helper()
			a := gateway.want(gateway.get("/verify", "X-API-Key", one), http.StatusTooManyRequests)
			if wait, err := strconv.Atoi(a.header.Get("Retry-After")); err != nil || wait < 1 || wait > 28800 || !strings.HasPrefix(a.header.Get("RateLimit"), `"key";r=0;t=`) {
				t.Errorf("Retry-After %q, RateLimit %q", a.header.Get("Retry-After"), a.header.Get("RateLimit"))
			}
		}
		refused()
		gateway.want(gateway.get("/api/v1/me", "X-API-Key", one), http.StatusTooManyRequests)
		// A change of the key does not give it back.
		s.keylodge(t, "key", "disable", dana.keyID("one"))
		gateway.want(gateway.get("/verify", "X-API-Key", one), http.StatusUnauthorized)
		s.keylodge(t, "key", "enable", dana.keyID("one"))
		refused()
		gateway.want(gateway.get("/verify", "X-API-Key", two), http.StatusNoContent)
		if a := gateway.want(gateway.get("/verify", "X-API-Key", free), http.StatusNoContent); a.header.Get("RateLimit") != "" {
			t.Error("a key without a rate has a RateLimit")
		}
		// What is refused for another reason uses nothing up.
		bound := s.newKey(t, "--rate-limit", "1/24h", "--scope", "a")
		for range 3 {
			gateway.want(gateway.get("/verify?scope=b", "X-API-Key", bound), http.StatusForbidden)
		}
		gateway.want(gateway.get("/verify?scope=a", "X-API-Key", bound), http.StatusNoContent)
	})
}

// TestRateLimitInParallel lets exactly as many through as the rate says.
func TestRateLimitInParallel(t *testing.T) {
	t.Parallel()
	s := start(t, sqliteFile(t))
	s.setUp(t)
	key := s.newKey(t, "--rate-limit", "50/24h")
	statuses := make([]int, 200)
	gateway := s.newClient(t)
	together(len(statuses), func(i int) {
		if a, err := gateway.trySend(http.MethodGet, "/verify", nil, "X-API-Key", key); err == nil {
			statuses[i] = a.status
		}
	})
	n := map[int]int{}
	for _, status := range statuses {
		n[status]++
	}
	if n[204] != 50 || n[429] != 150 {
		t.Errorf("answers by status: %v", n)
	}
}

func TestWrongLimits(t *testing.T) {
	t.Parallel()
	s := start(t, sqliteFile(t))
	dana := s.setUp(t)
	for _, c := range [][]string{
		{"--scope", "a,,b"}, {"--scope", ""}, {"--scope", "a b"}, {"--scope", "keys:all"}, {"--scope", "é"}, {"--allow-from", "x"}, {"--allow-from", "10.0.0.1/8"},
		{"--rate-limit", "x"}, {"--rate-limit", "0/1m"}, {"--rate-limit", "1/2d"}, {"--rate-limit", "1/1ms"},
	} {
		r := keylodge(t, "", append([]string{"key", "create", "--workspace", "acme", "--owner", danaEmail, "--db", s.database}, c...)...)
		if r.code == 0 || r.out != "" {
			t.Errorf("%q: code %d", c, r.code)
		}
		oneLineOf(t, r.err)
	}
	if ids := dana.keyIDs(); len(ids) != 0 {
		t.Errorf("keys were made: %v", ids)
	}
}
