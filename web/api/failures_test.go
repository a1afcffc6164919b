package api

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/keylodge/keylodge/internal/httpguard"
	"github.com/keylodge/keylodge/internal/ratelimit"
	"github.com/keylodge/keylodge/internal/workspace"
)

// policyHeader is spelled as the draft does, not as net/http would.
var policyHeader = "RateLimit-Policy"

// TestTooManyWrongKeys presents many invalid keys from one IP. Neither a valid
// key from there nor another IP is slowed down.
func TestTooManyWrongKeys(t *testing.T) {
	t.Parallel()
	s := newTestServer(t, func(c *Config) {
		c.FailureLimit = ratelimit.Rate{Requests: 20, Window: 24 * time.Hour}
		c.ClientIP = httpguard.ClientIP([]netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}) // httptest's client
	})
	s.addWorkspace(t, "acme")
	key, dead := s.addKey(t, "acme", workspace.NewKey{}), s.addKey(t, "acme", workspace.NewKey{})
	s.want(t, s.send(request("DELETE", "/api/v1/me/key", "", "X-API-Key", dead)), http.StatusNoContent)
	from := func(ip, path, key string) *httptest.ResponseRecorder {
		headers := []string{"X-Forwarded-For", ip}
		if key != "" {
			headers = append(headers, "X-API-Key", key)
		}
		return s.send(request("GET", path, "", headers...))
	}
	wrong := []string{"x", dead, "kl_0123456789ABCDEFGHIJKLMNOPQRSTUV0dYxzJ"}
	for i := range 20 {
		s.want(t, from("203.0.113.7", []string{"/verify", "/api/v1/me"}[i%2], wrong[i%3]), http.StatusUnauthorized)
	}
	for _, k := range wrong {
		for _, path := range []string{"/verify", "/api/v1/me"} {
			a := s.want(t, from("203.0.113.7", path, k), http.StatusTooManyRequests)
			if wait, err := strconv.Atoi(a.Header().Get("Retry-After")); err != nil || wait < 1 {
				t.Errorf("Retry-After: %q", a.Header().Get("Retry-After"))
			}
			if got := a.Header()[policyHeader]; !slices.Equal(got, []string{`"ip";q=20;w=86400`}) {
				t.Errorf("RateLimit-Policy: %q", got)
			}
		}
	}
	s.want(t, from("203.0.113.7", "/verify", key), http.StatusNoContent)
	s.want(t, from("203.0.113.7", "/verify", ""), http.StatusUnauthorized) // presents nothing, and guesses nothing
	s.want(t, from("203.0.113.8", "/verify", dead), http.StatusUnauthorized)

	// All of a /64 counts as one IP.
	for i := range 20 {
		s.want(t, from("2001:db8::"+strconv.Itoa(i), "/verify", "x"), http.StatusUnauthorized)
	}
	s.want(t, from("2001:db8::ffff:1", "/verify", "x"), http.StatusTooManyRequests)
	s.want(t, from("2001:db8:0:1::1", "/verify", "x"), http.StatusUnauthorized)
}

func TestFailuresMayBeUnlimited(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	for range 500 {
		s.want(t, s.send(request("GET", "/verify", "", "X-API-Key", "x")), http.StatusUnauthorized)
	}
}
