package e2e

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/keylodge/keylodge/internal/workspace"
)

// introspect introspects a token as clients of RFC 7662 do: with Basic, the
// secret as the password.
func (c *client) introspect(secret, form string) answer {
	c.t.Helper()
	credentials := base64.StdEncoding.EncodeToString([]byte("gateway:" + secret))
	return c.send(http.MethodPost, "/api/v1/introspect", strings.NewReader(form),
		"Authorization", "Basic "+credentials, "Content-Type", "application/x-www-form-urlencoded")
}

// TestIntrospection follows RFC 7662, section 2.2: it checks all that is
// returned for a valid key, and that nothing is returned for others.
func TestIntrospection(t *testing.T) {
	t.Parallel()
	database := sqliteFile(t)
	s := start(t, database)
	dana := s.setUp(t)
	caller := s.newKey(t, workspace.NewKey{Scopes: []string{"keys:verify"}})
	asks := s.newClient(t)
	good := s.newKey(t, workspace.NewKey{Name: "鍵", Scopes: []string{"b", "a"}, Expires: "30d"})
	a := asks.want(asks.introspect(caller, "token="+good+"&token_type_hint=access_token"), http.StatusOK)
	var claims map[string]any
	if err := json.Unmarshal([]byte(a.body), &claims); err != nil {
		t.Fatal(err)
	}
	issued, expires := claims["iat"].(float64), claims["exp"].(float64)
	if claims["active"] != true || claims["scope"] != "a b" || claims["token_type"] != "Bearer" ||
		claims["key_name"] != "鍵" || claims["workspace"] != "acme" || claims["role"] != "owner" ||
		claims["iss"] != s.url || claims["jti"] != dana.keyID("鍵") || claims["jti"] != claims["client_id"] ||
		expires-issued < 30*86400-1 || expires-issued > 30*86400+1 {
		t.Errorf("response: %s", a.body)
	}
	if a.header.Get("Content-Type") != "application/json; charset=utf-8" ||
		a.header.Get("Cache-Control") != "no-store" {
		t.Errorf("headers: %v", a.header)
	}
	full := dana.addKey("full")
	if a := asks.introspect(caller, "token="+full); strings.Contains(a.body, `"scope"`) ||
		strings.Contains(a.body, `"exp"`) ||
		!strings.Contains(a.body, `"active":true`) {
		t.Errorf("a key with full access: %s", a.body)
	}

	disabled, revoked := dana.addKey("disabled"), dana.addKey("revoked")
	s.keylodge(t, "key", "disable", dana.keyID("disabled"))
	dana.revoke(dana.keyID("revoked"))
	s.addBeta(t)
	for name, token := range map[string]string{
		"revoked": revoked, "disabled": disabled, "unknown": "kl_0123456789ABCDEFGHIJKLMNOPQRSTUV0dYxzJ",
		"no key": "x", "a JWT": "eyJhbGciOiJub25lIn0.e30.",
		"bound to another address": s.newKey(t, workspace.NewKey{Networks: []string{"192.0.2.1"}}),
		"another workspace's":      s.keylodge(t, "key", "create", "--workspace", "beta", "--owner", benEmail),
	} {
		if a := asks.introspect(caller, "token="+token); a.status != http.StatusOK || a.body != `{"active":false}` {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
	}
	limited := s.newKey(t, workspace.NewKey{Rate: "1/24h"})
	asks.want(asks.introspect(caller, "token="+limited), http.StatusOK, `"active":true`)
	a = asks.want(asks.introspect(caller, "token="+limited), http.StatusTooManyRequests)
	if a.header.Get("Retry-After") == "" || a.header.Get("RateLimit") == "" {
		t.Errorf("headers: %v", a.header)
	}
	for name, form := range map[string]string{"no token": "", "an empty one": "token=",
		"two": "token=" + good + "&token=" + full, "a bad escape": "token=%zz"} {
		if a := asks.introspect(caller, form); a.status != http.StatusBadRequest ||
			!strings.Contains(a.body, `"error":"invalid_request"`) {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
	}
	asks.want(asks.postJSON("/api/v1/introspect", caller, `{"token":"`+good+`"}`), http.StatusUnsupportedMediaType)
	basic := "Basic " + base64.StdEncoding.EncodeToString([]byte("x:"+caller))
	for name, headers := range map[string][]string{
		"Basic twice":              {"Authorization", basic, "Authorization", basic},
		"Basic and a header":       {"Authorization", basic, "X-API-Key", caller},
		"Basic and Bearer":         {"Authorization", basic, "Authorization", "Bearer " + caller},
		"Bearer and Basic":         {"Authorization", "Bearer " + caller, "Authorization", basic},
		"the key as the user":      {"Authorization", "Basic " + base64.StdEncoding.EncodeToString([]byte(caller+":"))},
		"Basic that is not base64": {"Authorization", "Basic !"},
	} {
		headers = append(headers, "Content-Type", "application/x-www-form-urlencoded")
		a := asks.send(http.MethodPost, "/api/v1/introspect", strings.NewReader("token="+good), headers...)
		if a.status != http.StatusUnauthorized || !strings.Contains(a.body, "invalid_client") ||
			strings.HasPrefix(name, "the key as") && !strings.HasPrefix(a.header.Get("WWW-Authenticate"), "Basic ") {
			t.Errorf("%s: %d %s %s", name, a.status, a.header.Get("WWW-Authenticate"), a.body)
		}
	}
	if a := asks.get("/verify", "Authorization", basic); a.status != http.StatusUnauthorized {
		t.Errorf("Basic at /verify: %d", a.status)
	}
}
