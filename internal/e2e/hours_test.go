package e2e

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/keylodge/keylodge/internal/workspace"
)

// checksOf returns the number of verifications of a key by result, as the
// command prints them.
func (s *server) checksOf(t testing.TB, id string) map[string]int {
	t.Helper()
	var hours []struct {
		Code   string
		Checks int
	}
	if err := json.Unmarshal([]byte(s.keylodge(t, "key", "usage", id, "--json")), &hours); err != nil {
		t.Fatal(err)
	}
	counts := map[string]int{}
	for _, h := range hours {
		counts[h.Code] += h.Checks
	}
	return counts
}

// TestChecksAreCounted counts every verification by result, many of them at
// once. After a stop all are counted, and after a kill all but those of the
// last few seconds.
func TestChecksAreCounted(t *testing.T) {
	t.Parallel()
	database := sqliteFile(t)
	s := start(t, database)
	dana := s.setUp(t)
	key := s.newKey(t, workspace.NewKey{Name: "counted", Scopes: []string{"a"}, Rate: "200/24h"})
	id := dana.keyID("counted")
	gateway := s.newClient(t)
	together(200, func(int) { gateway.trySend(http.MethodGet, "/verify", nil, "X-API-Key", key) })
	for range 7 {
		gateway.want(gateway.get("/verify", "X-API-Key", key), http.StatusTooManyRequests)
		gateway.want(gateway.get("/verify?scope=b", "X-API-Key", key), http.StatusForbidden)
	}
	s.keylodge(t, "key", "disable", id)
	gateway.want(gateway.get("/verify", "X-API-Key", key), http.StatusUnauthorized)
	s.stop()
	want := map[string]int{"valid": 200, "rate_limited": 7, "insufficient_scope": 7, "disabled": 1}
	got := s.checksOf(t, id)
	for code, n := range want {
		if got[code] != n {
			t.Errorf("%s: %d checks, want %d", code, got[code], n)
		}
	}

	s = start(t, database)
	s.keylodge(t, "key", "revoke", id)
	for range 5 {
		s.verify(t, key)
	}
	eventually(t, "the checks are written", func() bool { return s.checksOf(t, id)["revoked"] == 5 })
	s.verify(t, key)
	s.kill()
	if n := s.checksOf(t, id)["revoked"]; n < 5 || n > 6 {
		t.Errorf("%d checks after a kill", n)
	}
	if got := s.checksOf(t, id); got["valid"] != 200 {
		t.Errorf("the counts of before are now %v", got)
	}
}
