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

// verified is one answer of POST /api/v1/verify.
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
	return c.send(http.MethodPost, path, strings.NewReader(body), "Authorization", "Bearer "+key, "Content-Type", "application/json")
}

// ask asks about one key and returns the answer.
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

// newKey makes a key from the command line, while the server runs.
func (s *server) newKey(t testing.TB, arguments ...string) string {
	t.Helper()
	return s.keylodge(t, append([]string{"key", "create", "--workspace", "acme", "--owner", danaEmail}, arguments...)...)
}

// TestCodesOfVerify meets every code, one after another.
func TestCodesOfVerify(t *testing.T) {
	onBothEngines(t, func(t *testing.T, database string) {
		s := start(t, database)
		dana := s.setUp(t)
		s.addSam(t, "developer")
		caller := s.newKey(t, "--scope", "keys:verify")
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
		if v.Key == nil || v.Key.Name != "鍵 & \"quotes\"" || v.Key.Workspace != "acme" || v.Role != "owner" || v.Key.Scopes != nil || v.Key.ExpiresAt != nil || v.RateLimit != nil {
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

		narrow := s.newKey(t, "--scope", "b", "--scope", "a", "--allow-from", "192.0.2.0/24,2001:db8::/32", "--expires", "90d", "--rate-limit", "2/24h")
		expect("ip_not_allowed", about(narrow))
		expect("ip_not_allowed", map[string]any{"key": narrow, "ip": "192.0.3.1"})
		expect("insufficient_scope", map[string]any{"key": narrow, "ip": "192.0.2.1", "scope": []string{"a", "c"}})
		v = expect("valid", map[string]any{"key": narrow, "ip": "192.0.2.1", "scope": []string{"a"}})
		if fmt.Sprint(v.Key.Scopes) != "[a b]" || v.Key.ExpiresAt == nil || v.RateLimit == nil || v.RateLimit.Remaining != 1 || v.RateLimit.Limit != 2 || v.RateLimit.Window != 86400 {
			t.Errorf("%+v %+v", v.Key, v.RateLimit)
		}
		expect("valid", map[string]any{"key": narrow, "ip": "::ffff:192.0.2.9"})
		if v := expect("rate_limited", map[string]any{"key": narrow, "ip": "2001:db8::7"}); v.RateLimit == nil || v.RateLimit.RetryAfter < 1 || v.Key == nil {
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
	})
}

func TestVerifyManyAtOnce(t *testing.T) {
	t.Parallel()
	s := start(t, sqliteFile(t))
	dana := s.setUp(t)
	good, dead := dana.addKey("good"), dana.addKey("dead")
	dana.revoke(dana.keyID("dead"))
	caller := s.newKey(t, "--scope", "keys:verify")
	asks := s.newClient(t)
	batch := func(n int) string {
		var keys []string
		for i := range n {
			keys = append(keys, fmt.Sprintf(`{"key":%q}`, []string{good, dead, "x"}[i%3]))
		}
		return `{"keys":[` + strings.Join(keys, ",") + `]}`
	}
	a := asks.want(asks.postJSON("/api/v1/verify", caller, batch(1000)), http.StatusOK)
	var got struct{ Data []verified }
	if err := json.Unmarshal([]byte(a.body), &got); err != nil || len(got.Data) != 1000 {
		t.Fatalf("%d answers, %v", len(got.Data), err)
	}
	for i, v := range got.Data {
		if want := []string{"valid", "revoked", "malformed"}[i%3]; v.Code != want {
			t.Fatalf("answer %d is %s, want %s", i, v.Code, want)
		}
	}
	asks.want(asks.postJSON("/api/v1/verify", caller, batch(1001)), http.StatusUnprocessableEntity, "at most 1000 keys", "body.keys")
	if a := asks.want(asks.postJSON("/api/v1/verify", caller, batch(0)), http.StatusOK); strings.TrimSpace(a.body) != `{"data":[]}` {
		t.Error(a.body)
	}
}

// TestBodiesOfVerify sends what is wrong, and wants to be told where. No answer
// repeats what it was sent.
func TestBodiesOfVerify(t *testing.T) {
	t.Parallel()
	s := start(t, sqliteFile(t))
	dana := s.setUp(t)
	key := dana.addKey("key")
	asks := s.newClient(t)
	for name, c := range map[string]struct {
		body   string
		status int
		says   string
	}{
		"nothing":                {``, 400, "not a JSON object"},
		"half":                   {`{"key":"` + key, 400, "not a JSON object"},
		"two values":             {`{"key":"x"}{}`, 400, "must be one JSON object"},
		"a field twice":          {`{"key":"x","key":"` + key + `"}`, 400, "twice"},
		"not UTF-8":              {"{\"key\":\"\xff\"}", 400, "malformed"},
		"an array":               {`[]`, 422, `"location":"body","message":"This must be an object."`},
		"a text":                 {`"` + key + `"`, 422, "must be an object"},
		"null":                   {`null`, 422, "must be an object"},
		"no key":                 {`{}`, 422, `"location":"body.key"`},
		"a number for a key":     {`{"key":7}`, 422, "Give the key as a string"},
		"an unknown field":       {`{"key":"x","owner":"me"}`, 422, "The only fields are key, scope and ip."},
		"a key for a field":      {`{"` + key + `":["a"]}`, 422, "The only fields are key, scope and ip."},
		"a wrong address":        {`{"key":"x","ip":"example.com"}`, 422, `"location":"body.ip"`},
		"an address's zone":      {`{"key":"x","ip":"fe80::1%eth0"}`, 422, `"location":"body.ip"`},
		"a text of scopes":       {`{"key":"x","scope":"a b"}`, 422, `"location":"body.scope"`},
		"a wrong scope":          {`{"key":"x","scope":["a",""]}`, 422, `"location":"body.scope[1]"`},
		"one and many":           {`{"key":"x","keys":[]}`, 422, `"location":"body.keys"`},
		"wrong ones in many":     {`{"keys":[{"key":"x"},4,{"key":"x","ip":1}]}`, 422, `"location":"body.keys[2].ip"`},
		"keys that are no array": {`{"keys":{}}`, 422, "must be an array"},
		"deep":                   {`{"key":` + strings.Repeat("[", 20_000) + strings.Repeat("]", 20_000) + `}`, 400, "malformed"},
		"too large":              {`{"key":"` + strings.Repeat("x", 1<<20) + `"}`, 413, "1 MiB"},
	} {
		t.Run(name, func(t *testing.T) {
			a := asks.in(t).want(asks.in(t).postJSON("/api/v1/verify", key, c.body), c.status)
			if !strings.Contains(a.body, c.says) || strings.Contains(a.body, key) || a.header.Get("Content-Type") != "application/problem+json" {
				t.Errorf("%s: %s", a.header.Get("Content-Type"), a.body)
			}
			id := a.header.Get("X-Request-Id")
			eventually(t, "a line in the log with "+id, func() bool { return strings.Contains(s.log.String(), "request_id="+id) })
		})
	}
	for _, contentType := range []string{"", "text/plain", "application/x-www-form-urlencoded", "application/jsonx"} {
		a := asks.send(http.MethodPost, "/api/v1/verify", strings.NewReader(`{"key":"x"}`), "X-API-Key", key, "Content-Type", contentType)
		asks.want(a, http.StatusUnsupportedMediaType, "Send application/json")
	}
	asks.want(asks.send(http.MethodPost, "/api/v1/verify", strings.NewReader(`{"key":"x"}`), "X-API-Key", key, "Content-Type", "Application/JSON; charset=utf-8"), http.StatusOK)
	for _, method := range []string{"GET", "HEAD", "PUT", "DELETE", "OPTIONS"} {
		for _, path := range []string{"/api/v1/verify", "/api/v1/introspect"} {
			if a := asks.send(method, path, nil, "X-API-Key", key); a.status != http.StatusMethodNotAllowed || a.header.Get("Allow") != "POST" {
				t.Errorf("%s %s: %d", method, path, a.status)
			}
		}
	}
}

// TestWhoMayAskAboutKeys is who may call POST /api/v1/verify and
// /api/v1/introspect: the two ask alike.
func TestWhoMayAskAboutKeys(t *testing.T) {
	t.Parallel()
	s := start(t, sqliteFile(t))
	dana := s.setUp(t)
	full := dana.addKey("full")
	s.addBeta(t)
	s.addSam(t, "developer")
	sams := s.keylodge(t, "key", "create", "--workspace", "acme", "--owner", samEmail, "--scope", "keys:verify")
	bens := s.keylodge(t, "key", "create", "--workspace", "beta", "--owner", benEmail)
	stranger := s.newClient(t)
	verify := func(headers ...string) answer {
		return stranger.send(http.MethodPost, "/api/v1/verify", strings.NewReader(`{"key":"`+full+`"}`), append(headers, "Content-Type", "application/json")...)
	}
	introspect := func(headers ...string) answer {
		return stranger.send(http.MethodPost, "/api/v1/introspect", strings.NewReader("token="+full), append(headers, "Content-Type", "application/x-www-form-urlencoded")...)
	}
	check := func(name string, status int, says, active string, headers ...string) {
		t.Helper()
		if a := verify(headers...); a.status != status || !strings.Contains(a.body, says) {
			t.Errorf("%s: verify answers %d %s", name, a.status, a.body)
		}
		if a := introspect(headers...); a.status != status || !strings.Contains(a.body, active) {
			t.Errorf("%s: introspect answers %d %s", name, a.status, a.body)
		}
	}
	check("the owner's key", 200, `"code":"valid"`, `"active":true`, "Authorization", "Bearer "+full)
	check("by header", 200, `"code":"valid"`, `"active":true`, "X-API-Key", full)
	check("a developer's restricted key", 200, `"code":"valid"`, `"active":true`, "X-API-Key", sams)
	check("a key of another workspace", 200, `{"valid":false,"code":"not_found","key":null}`, `{"active":false}`, "X-API-Key", bens)
	check("nobody", 401, "Send one key", "invalid_client")
	check("a session", 401, "Send one key", "invalid_client", "Cookie", dana.cookies())
	check("no key", 401, "Send one key", "invalid_client", "X-API-Key", "kl_x")
	check("two keys", 401, "Send one key", "invalid_client", "X-API-Key", full, "Authorization", "Bearer "+full)
	check("a key with another scope", 403, "keys:verify", "access_denied", "X-API-Key", s.newKey(t, "--scope", "other"))
	check("a key bound elsewhere", 403, "this IP", "access_denied", "X-API-Key", s.newKey(t, "--allow-from", "192.0.2.1"))
	limited := s.newKey(t, "--rate-limit", "2/24h")
	check("a key with a rate", 200, `"code":"valid"`, `"active":true`, "X-API-Key", limited)
	check("over its rate", 429, "Retry-After", "Retry-After", "X-API-Key", limited)
	s.keylodge(t, "user", "role", "--workspace", "acme", "--email", samEmail, "--role", "auditor")
	check("a key whose owner may no longer", 403, "keys:verify", "access_denied", "X-API-Key", sams)
	for _, a := range []answer{verify("X-API-Key", "kl_x"), introspect("X-API-Key", "kl_x")} {
		if a.header.Get("WWW-Authenticate") != `Bearer error="invalid_token"` {
			t.Errorf("WWW-Authenticate: %s", a.header.Get("WWW-Authenticate"))
		}
	}
	if a := stranger.send(http.MethodPost, "/api/v1/verify?key="+full, strings.NewReader(`{"key":"x"}`), "X-API-Key", full, "Content-Type", "application/json"); a.status != 401 {
		t.Errorf("a key in the address: %d", a.status)
	}
}

// TestSlowQuestion revokes a key after a question has begun to arrive and
// before the key in it does: that is too late for it to be good.
func TestSlowQuestion(t *testing.T) {
	t.Parallel()
	s := start(t, sqliteFile(t))
	dana := s.setUp(t)
	caller := dana.addKey("service")
	for path, ask := range map[string]struct{ mediaType, before, after string }{
		"/api/v1/verify":     {"application/json", `{"key":"`, `"}`},
		"/api/v1/introspect": {"application/x-www-form-urlencoded", "token=", ""},
	} {
		secret := s.newKey(t)
		body := ask.before + secret + ask.after
		conn, err := net.Dial("tcp", s.address)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		conn.SetDeadline(time.Now().Add(20 * time.Second))
		fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\nContent-Type: %s\r\nContent-Length: %d\r\nExpect: 100-continue\r\n\r\n",
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
		if err != nil || answer.StatusCode != http.StatusOK || !strings.Contains(string(text), `"valid":false,"code":"revoked"`) && string(text) != `{"active":false}` {
			t.Errorf("%s: %s %s %v", path, answer.Status, text, err)
		}
	}
}
