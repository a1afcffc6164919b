package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/keylodge/keylodge/internal/workspace"
)

func TestVerifyManyAtOnce(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	s.addWorkspace(t, "acme")
	good, dead := s.addKey(t, "acme", workspace.NewKey{}), s.addKey(t, "acme", workspace.NewKey{})
	s.want(t, s.send(request("DELETE", "/api/v1/me/key", "", "X-API-Key", dead)), http.StatusNoContent)
	caller := s.addKey(t, "acme", workspace.NewKey{Scopes: []string{workspace.VerifyScope}})
	batch := func(n int) string {
		var keys []string
		for i := range n {
			keys = append(keys, fmt.Sprintf(`{"key":%q}`, []string{good, dead, "x"}[i%3]))
		}
		return `{"keys":[` + strings.Join(keys, ",") + `]}`
	}
	a := s.want(t, s.postJSON("/api/v1/verify", caller, batch(1000)), http.StatusOK)
	var got struct{ Data []struct{ Code string } }
	if err := json.Unmarshal(a.Body.Bytes(), &got); err != nil || len(got.Data) != 1000 {
		t.Fatalf("%d answers, %v", len(got.Data), err)
	}
	for i, v := range got.Data {
		if want := []string{"valid", "revoked", "malformed"}[i%3]; v.Code != want {
			t.Fatalf("answer %d is %s, want %s", i, v.Code, want)
		}
	}
	s.want(
		t,
		s.postJSON("/api/v1/verify", caller, batch(1001)),
		http.StatusUnprocessableEntity,
		"at most 1000 keys",
		"body.keys",
	)
	if a := s.want(t, s.postJSON("/api/v1/verify", caller, batch(0)), http.StatusOK); strings.TrimSpace(
		a.Body.String(),
	) != `{"data":[]}` {
		t.Error(a.Body)
	}
}

// TestBodiesOfVerify sends invalid bodies. The answer says where the fault is,
// and never repeats what was sent.
func TestBodiesOfVerify(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	s.addWorkspace(t, "acme")
	key := s.addKey(t, "acme", workspace.NewKey{})
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
		"deep": {`{"key":` + strings.Repeat("[", 20_000) + strings.Repeat("]", 20_000) + `}`, 400,
			"malformed"},
		"too large": {`{"key":"` + strings.Repeat("x", 1<<20) + `"}`, 413, "1 MiB"},
	} {
		t.Run(name, func(t *testing.T) {
			a := s.want(t, s.postJSON("/api/v1/verify", key, c.body), c.status, c.says)
			kind := a.Header().Get("Content-Type")
			if strings.Contains(a.Body.String(), key) || kind != "application/problem+json" {
				t.Errorf("%s: %s", kind, a.Body)
			}
			if id := a.Header().Get("X-Request-Id"); !strings.Contains(s.log.String(), "request_id="+id) {
				t.Errorf("the log has no line of %s", id)
			}
		})
	}
	for _, contentType := range []string{"", "text/plain", "application/x-www-form-urlencoded", "application/jsonx"} {
		r := request("POST", "/api/v1/verify", `{"key":"x"}`, "X-API-Key", key, "Content-Type", contentType)
		s.want(t, s.send(r), http.StatusUnsupportedMediaType, "Send application/json")
	}
	s.want(t, s.send(request("POST", "/api/v1/verify", `{"key":"x"}`, "X-API-Key", key, "Content-Type",
		"Application/JSON; charset=utf-8")), http.StatusOK)
	for _, method := range []string{"GET", "HEAD", "PUT", "DELETE", "OPTIONS"} {
		for _, path := range []string{"/api/v1/verify", "/api/v1/introspect"} {
			a := s.want(t, s.send(request(method, path, "", "X-API-Key", key)), http.StatusMethodNotAllowed)
			if got := a.Header().Get("Allow"); got != "POST" {
				t.Errorf("%s %s: Allow is %q", method, path, got)
			}
		}
	}
}

// TestWhoMayVerifyKeys calls POST /api/v1/verify and /api/v1/introspect, which
// require the same of their callers.
func TestWhoMayVerifyKeys(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	acme := s.addWorkspace(t, "acme")
	s.addWorkspace(t, "beta")
	full := s.addKey(t, "acme", workspace.NewKey{})
	robot, err := s.Service.AddServiceAccount(t.Context(), acme, "robot", workspace.RoleDeveloper)
	if err != nil {
		t.Fatal(err)
	}
	robots := s.addKeyOf(t, acme, robot.UserID, workspace.NewKey{Scopes: []string{workspace.VerifyScope}})
	betas := s.addKey(t, "beta", workspace.NewKey{})
	verify := func(headers ...string) *httptest.ResponseRecorder {
		headers = append(headers, "Content-Type", "application/json")
		return s.send(request("POST", "/api/v1/verify", `{"key":"`+full+`"}`, headers...))
	}
	introspect := func(headers ...string) *httptest.ResponseRecorder {
		return s.send(
			request("POST", "/api/v1/introspect", "token="+full, append(headers, "Content-Type", formType)...),
		)
	}
	check := func(status int, says, active string, headers ...string) {
		t.Helper()
		s.want(t, verify(headers...), status, says)
		s.want(t, introspect(headers...), status, active)
	}
	elsewhere := s.addKey(t, "acme", workspace.NewKey{Networks: []string{"203.0.113.1"}})
	check(
		200,
		`"code":"valid"`,
		`"active":true`,
		"Authorization",
		"Bearer "+full,
	) // the owner's key
	check(200, `"code":"valid"`, `"active":true`, "X-API-Key", full) // by header
	check(
		200,
		`"code":"valid"`,
		`"active":true`,
		"X-API-Key",
		robots,
	) // a developer's restricted key
	check(
		200,
		`{"valid":false,"code":"not_found","key":null}`,
		`{"active":false}`,
		"X-API-Key",
		betas,
	) // a key of another workspace
	check(401, "Send one valid key", "invalid_client")                                                     // nobody
	check(401, "Send one valid key", "invalid_client", "Cookie", "session="+full)                          // a session
	check(401, "Send one valid key", "invalid_client", "X-API-Key", "kl_x")                                // no key
	check(401, "Send one valid key", "invalid_client", "X-API-Key", full, "Authorization", "Bearer "+full) // two keys
	other := s.addKey(t, "acme", workspace.NewKey{Scopes: []string{"other"}})
	check(403, "keys:verify", "access_denied", "X-API-Key", other) // a key with another scope
	check(403, "this IP", "access_denied", "X-API-Key", elsewhere) // a key bound elsewhere
	limited := s.addKey(t, "acme", workspace.NewKey{Rate: "2/24h"})
	check(200, `"code":"valid"`, `"active":true`, "X-API-Key", limited) // a key with a rate
	check(429, "Retry-After", "Retry-After", "X-API-Key", limited)      // over its rate
	if _, err := s.Service.ChangeMember(t.Context(), acme, robot.UserID, func(m *workspace.Member) {
		m.Role = workspace.RoleAuditor
	}); err != nil {
		t.Fatal(err)
	}
	check(403, "keys:verify", "access_denied", "X-API-Key", robots) // a key whose owner may no longer
	for _, a := range []*httptest.ResponseRecorder{verify("X-API-Key", "kl_x"), introspect("X-API-Key", "kl_x")} {
		if a.Header().Get("WWW-Authenticate") != `Bearer error="invalid_token"` {
			t.Errorf("WWW-Authenticate: %s", a.Header().Get("WWW-Authenticate"))
		}
	}
	s.want(t, s.send(request("POST", "/api/v1/verify?key="+full, `{"key":"x"}`, "X-API-Key", full, "Content-Type",
		"application/json")), http.StatusUnauthorized)
}
