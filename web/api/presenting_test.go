package api

import (
	"net/http"
	"strings"
	"testing"

	"github.com/keylodge/keylodge/internal/workspace"
)

// TestWaysToPresentAKey is RFC 6750 section 2.1, X-API-Key, and everything that
// is neither.
func TestWaysToPresentAKey(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	s.addWorkspace(t, "acme")
	key, other := s.addKey(t, "acme", workspace.NewKey{}), s.addKey(t, "acme", workspace.NewKey{})
	const yes, no = http.StatusNoContent, http.StatusUnauthorized
	cases := []struct {
		name    string
		query   string
		headers []string
		want    int
	}{
		{"Bearer", "", []string{"Authorization", "Bearer " + key}, yes},
		{"bearer", "", []string{"Authorization", "bearer " + key}, yes},
		{"BEARER", "", []string{"Authorization", "BEARER " + key}, yes},
		{"bEaReR and two spaces", "", []string{"Authorization", "bEaReR  " + key}, yes},
		{"X-API-Key", "", []string{"X-API-Key", key}, yes},
		{"x-api-key", "", []string{"x-api-key", key}, yes},
		{"with another scheme beside it", "", []string{"Authorization", "Basic eDp5", "X-API-Key", key}, yes},
		{"a harmless query", "?scope=kl_x", []string{"Authorization", "Bearer " + key}, yes},
		{"nothing", "", nil, no},
		{"no scheme", "", []string{"Authorization", key}, no},
		{"another scheme", "", []string{"Authorization", "Token " + key}, no},
		{"only the scheme", "", []string{"Authorization", "Bearer"}, no},
		{"a tab", "", []string{"Authorization", "Bearer\t" + key}, no},
		{"quotes", "", []string{"Authorization", `Bearer "` + key + `"`}, no},
		{"something after it", "", []string{"Authorization", "Bearer " + key + " x"}, no},
		{"one character more", "", []string{"Authorization", "Bearer " + key + "0"}, no},
		{"one character less", "", []string{"Authorization", "Bearer " + key[:len(key)-1]}, no},
		{"in capitals", "", []string{"Authorization", "Bearer " + strings.ToUpper(key)}, no},
		{"two good ones", "", []string{"Authorization", "Bearer " + key, "Authorization", "Bearer " + other}, no},
		{"the same twice", "", []string{"Authorization", "Bearer " + key, "Authorization", "Bearer " + key}, no},
		{"both ways", "", []string{"Authorization", "Bearer " + key, "X-API-Key", key}, no},
		{"both ways, one wrong", "", []string{"Authorization", "Bearer x", "X-API-Key", key}, no},
		{"both ways, one empty", "", []string{"Authorization", "Bearer ", "X-API-Key", key}, no},
		{"X-API-Key twice", "", []string{"X-API-Key", key, "X-API-Key", other}, no},
		{"two with a comma", "", []string{"X-API-Key", key + "," + other}, no},
		{"in another header", "", []string{"X-Auth-Token", key, "Proxy-Authorization", "Bearer " + key}, no},
		{"as a cookie", "", []string{"Cookie", "key=" + key + "; session=" + key}, no},
		{"in the query", "?access_token=" + key, nil, no},
		{"in the query too", "?key=" + key, []string{"Authorization", "Bearer " + key}, no},
		{"another in the query", "?key=" + other, []string{"Authorization", "Bearer " + key}, no},
		{"as a name in the query", "?" + key, []string{"Authorization", "Bearer " + key}, no},
		{"escaped in the query", "?key=%6b" + key[1:], []string{"Authorization", "Bearer " + key}, no},
		{
			"with its scheme in the query",
			"?authorization=Bearer+" + key,
			[]string{"Authorization", "Bearer " + key},
			no,
		},
		{"before a semicolon in the query", "?key=" + key + ";x=1", []string{"Authorization", "Bearer " + key}, no},
		{"beside a bad escape in the query", "?key=" + key + "%", []string{"Authorization", "Bearer " + key}, no},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if a := s.send(request("GET", "/verify"+c.query, "", c.headers...)); a.Code != c.want {
				t.Errorf("/verify answers %d", a.Code)
			}
			want := c.want
			if want == yes {
				want = http.StatusOK
			}
			if a := s.send(request("GET", "/api/v1/me"+c.query, "", c.headers...)); a.Code != want {
				t.Errorf("/api/v1/me answers %d: %s", a.Code, a.Body)
			}
		})
	}
	s.want(t, s.send(request("GET", "/api/v1/me?key="+key, "")), http.StatusUnauthorized, "Revoke that key")
	for _, k := range []string{key, other} {
		s.want(t, s.send(request("GET", "/verify", "", "X-API-Key", k)), yes)
	}
}
