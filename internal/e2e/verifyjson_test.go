package e2e

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/keylodge/keylodge/internal/workspace"
)

// verified is a response of POST /api/v1/verify.
type verified struct {
	Valid     bool
	Code      string
	Role      string
	Key       *workspace.KeySummary
	RateLimit *struct {
		Limit, Window, Remaining, Reset int
		RetryAfter                      int `json:"retry_after"`
	} `json:"rate_limit"`
}

// postJSON sends a body as JSON with a key.
func (c *client) postJSON(path, key, body string) answer {
	c.t.Helper()
	return c.send(http.MethodPost, path, strings.NewReader(body), "Authorization", "Bearer "+key, "Content-Type",
		"application/json")
}

// ask verifies a key and returns the response.
func (c *client) ask(caller string, question map[string]any) (v verified) {
	c.t.Helper()
	body, err := json.Marshal(question)
	if err != nil {
		c.t.Fatal(err)
	}
	a := c.want(c.postJSON("/api/v1/verify", caller, string(body)), http.StatusOK)
	if err := json.Unmarshal([]byte(a.body), &v); err != nil {
		c.t.Fatalf("%v: %s", err, a.body)
	}
	return v
}

// TestCodesOfVerify gets each code in turn.
func TestCodesOfVerify(t *testing.T) {
	t.Parallel()
	database := sqliteFile(t)
	s := start(t, database)
	dana := s.setUp(t)
	s.addSam(t, "developer")
	caller := s.newKey(t, workspace.NewKey{Scopes: []string{"keys:verify"}})
	asks := s.newClient(t)
	expect := func(code string, question map[string]any) verified {
		t.Helper()
		v := asks.ask(caller, question)
		if v.Code != code || v.Valid != (code == "valid") {
			t.Errorf("%v %s, want %s", v.Valid, v.Code, code)
		}
		return v
	}
	about := func(key string) map[string]any { return map[string]any{"key": key} }

	full := dana.addKey("鍵 & \"quotes\"")
	v := expect("valid", about(full))
	if v.Key == nil || v.Key.Name != "鍵 & \"quotes\"" || v.Key.Workspace != "acme" || v.Role != "owner" ||
		v.Key.Scopes != nil ||
		v.Key.ExpiresAt != nil ||
		v.RateLimit != nil {
		t.Errorf("a key with full access: %+v", v.Key)
	}
	expect("valid", map[string]any{"key": full, "scope": []string{"whatever", "keys:verify"}, "ip": "2001:db8::1"})
	for _, text := range []string{"x", " " + full, full + "\n", "Bearer " + full, strings.Repeat("k", 10_000)} {
		if v := expect("malformed", about(text)); v.Key != nil {
			t.Error("a text that is no key has one")
		}
	}
	if v := expect("not_found", about("kl_0123456789ABCDEFGHIJKLMNOPQRSTUV0dYxzJ")); v.Key != nil {
		t.Error("an unknown key has one")
	}

	narrow := s.newKey(t, workspace.NewKey{Scopes: []string{"b", "a"}, Networks: []string{"192.0.2.0/24",
		"2001:db8::/32"},
		Expires: "90d", Rate: "2/24h"})
	expect("ip_not_allowed", about(narrow))
	expect("ip_not_allowed", map[string]any{"key": narrow, "ip": "192.0.3.1"})
	expect("insufficient_scope", map[string]any{"key": narrow, "ip": "192.0.2.1", "scope": []string{"a", "c"}})
	v = expect("valid", map[string]any{"key": narrow, "ip": "192.0.2.1", "scope": []string{"a"}})
	if fmt.Sprint(v.Key.Scopes) != "[a b]" || v.Key.ExpiresAt == nil || v.RateLimit == nil ||
		v.RateLimit.Remaining != 1 ||
		v.RateLimit.Limit != 2 ||
		v.RateLimit.Window != 86400 {
		t.Errorf("%+v %+v", v.Key, v.RateLimit)
	}
	expect("valid", map[string]any{"key": narrow, "ip": "::ffff:192.0.2.9"})
	if v := expect("rate_limited", map[string]any{"key": narrow, "ip": "2001:db8::7"}); v.RateLimit == nil ||
		v.RateLimit.RetryAfter < 1 ||
		v.Key == nil {
		t.Errorf("%+v", v.RateLimit)
	}

	id := v.Key.ID
	s.keylodge(t, "key", "disable", id)
	expect("disabled", about(narrow))
	s.keylodge(t, "key", "enable", id)
	expect("ip_not_allowed", about(narrow))
	s.keylodge(t, "workspace", "disable", "--slug", "acme")
	asks.want(asks.postJSON("/api/v1/verify", caller, `{"key":"x"}`), http.StatusUnauthorized)
	if a := s.verify(t, full); a.status != http.StatusUnauthorized {
		t.Errorf("a key of a disabled workspace gets %d", a.status)
	}
	s.keylodge(t, "workspace", "enable", "--slug", "acme")
	expect("valid", about(full))

	sams := s.keylodge(t, "key", "create", "--workspace", "acme", "--owner", samEmail)
	expect("valid", about(sams))
	s.keylodge(t, "user", "deactivate", "--workspace", "acme", "--email", samEmail)
	expect("owner_inactive", about(sams))
	s.keylodge(t, "key", "revoke", id)
	if v := expect("revoked", about(narrow)); v.Key == nil || v.Key.ID != id {
		t.Error("a revoked key of the caller's workspace has no id")
	}
}

// TestSlowQuestion revokes a key after a request has begun to arrive, but
// before the key in it has. The key must be refused.
func TestSlowQuestion(t *testing.T) {
	t.Parallel()
	s := start(t, sqliteFile(t))
	dana := s.setUp(t)
	caller := dana.addKey("service")
	for path, ask := range map[string]struct{ mediaType, before, after string }{
		"/api/v1/verify":     {"application/json", `{"key":"`, `"}`},
		"/api/v1/introspect": {"application/x-www-form-urlencoded", "token=", ""},
	} {
		secret := s.newKey(t, workspace.NewKey{})
		body := ask.before + secret + ask.after
		conn, err := net.Dial("tcp", s.address)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		conn.SetDeadline(time.Now().Add(20 * time.Second))
		fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\n"+
			"Content-Type: %s\r\nContent-Length: %d\r\nExpect: 100-continue\r\n\r\n",
			path, caller, ask.mediaType, len(body))
		answers := bufio.NewReader(conn)
		if line, err := answers.ReadString('\n'); err != nil || !strings.Contains(line, "100 Continue") {
			t.Fatalf("%q, %v", line, err)
		}
		id := s.newClient(t).ask(caller, map[string]any{"key": secret}).Key.ID
		s.keylodge(t, "key", "revoke", id)
		answers.ReadString('\n')
		fmt.Fprint(conn, body)
		answer, err := http.ReadResponse(answers, nil)
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(answer.Body)
		if err != nil || answer.StatusCode != http.StatusOK ||
			!strings.Contains(string(text), `"valid":false,"code":"revoked"`) && string(text) != `{"active":false}` {
			t.Errorf("%s: %s %s %v", path, answer.Status, text, err)
		}
	}
}
