package e2e

import (
	"net/http"
	"strconv"
	"testing"
)

// TestTooManyWrongKeys slows down who presents many keys that are not good, and
// nobody else: neither a good key from the same address nor another address.
func TestTooManyWrongKeys(t *testing.T) {
	t.Parallel()
	s := start(t, sqliteFile(t), "--failure-limit", "20/24h", "--trusted-proxies", "127.0.0.0/8")
	dana := s.setUp(t)
	key, dead := dana.addKey("key"), dana.addKey("dead")
	dana.revoke(dana.keyID("dead"))
	stranger := s.newClient(t)
	from := func(address, path, key string) answer {
		t.Helper()
		headers := []string{"X-Forwarded-For", address}
		if key != "" {
			headers = append(headers, "X-API-Key", key)
		}
		return stranger.get(path, headers...)
	}
	wrong := []string{"x", dead, "kl_0123456789ABCDEFGHIJKLMNOPQRSTUV0dYxzJ"}
	for i := range 20 {
		stranger.want(from("203.0.113.7", []string{"/verify", "/api/v1/me"}[i%2], wrong[i%3]), http.StatusUnauthorized)
	}
	for _, k := range wrong {
		for _, path := range []string{"/verify", "/api/v1/me"} {
			a := stranger.want(from("203.0.113.7", path, k), http.StatusTooManyRequests)
			if wait, err := strconv.Atoi(a.header.Get("Retry-After")); err != nil || wait < 1 {
				t.Errorf("Retry-After: %q", a.header.Get("Retry-After"))
			}
			if got := a.header.Get("RateLimit-Policy"); got != `"ip";q=20;w=86400` {
				t.Errorf("RateLimit-Policy: %s", got)
			}
		}
	}
	stranger.want(from("203.0.113.7", "/verify", key), http.StatusNoContent)
	stranger.want(from("203.0.113.7", "/verify", ""), http.StatusUnauthorized) // presents nothing, and guesses nothing
	stranger.want(from("203.0.113.8", "/verify", dead), http.StatusUnauthorized)

	// A site has 64 bits of IPv6 addresses to itself, and counts as one.
	for i := range 20 {
		stranger.want(from("2001:db8::"+strconv.Itoa(i), "/verify", "x"), http.StatusUnauthorized)
	}
	stranger.want(from("2001:db8::ffff:1", "/verify", "x"), http.StatusTooManyRequests)
	stranger.want(from("2001:db8:0:1::1", "/verify", "x"), http.StatusUnauthorized)
}

func TestFailuresMayBeUnlimited(t *testing.T) {
	t.Parallel()
	s := start(t, sqliteFile(t), "--failure-limit", "off")
	s.setUp(t)
	stranger := s.newClient(t)
	for range 500 {
		stranger.want(stranger.get("/verify", "X-API-Key", "x"), http.StatusUnauthorized)
	}
}
