package api

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/keylodge/keylodge/internal/keyindex"
	"github.com/keylodge/keylodge/internal/workspace"
)

// decode reads JSON that must have all fields of a value, and no others.
func decode[T any](t *testing.T, text []byte) (v T) {
	t.Helper()
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	again, err := json.Marshal(v)
	if err != nil || string(again) != string(text) {
		t.Errorf("%s\nis not the shape of a %T:\n%s", text, v, again)
	}
	return v
}

// TestKeyHasOneShape compares the keys in the API's answers with
// [workspace.KeySummary] and [workspace.KeyJSON].
func TestKeyHasOneShape(t *testing.T) {
	s := newTestServer(t)
	s.addWorkspace(t, "acme")
	caller := s.addKey(t, "acme", workspace.NewKey{})
	for name, n := range map[string]workspace.NewKey{
		"full access": {Name: "CI deploy"},
		"restricted": {Name: "鍵 \"quoted\"", Scopes: []string{"b", "a"}, Expires: "90d", Rate: "100/1m",
			Networks: []string{"192.0.2.0/24"}},
	} {
		t.Run(name, func(t *testing.T) {
			secret := s.addKey(t, "acme", n)
			var verified struct {
				Role string
				Key  json.RawMessage
			}
			a := s.send(request("POST", "/api/v1/verify", `{"key":"`+secret+`","ip":"192.0.2.7"}`, "X-Api-Key", caller,
				"Content-Type", "application/json"))
			if err := json.Unmarshal(a.Body.Bytes(), &verified); err != nil || verified.Role != "owner" {
				t.Fatalf("%v: %s", err, a.Body)
			}
			summary := decode[workspace.KeySummary](t, verified.Key)

			r := request("GET", "/api/v1/me", "", "X-Api-Key", secret)
			r.RemoteAddr = "192.0.2.7:5"
			if a = s.send(r); a.Code != http.StatusOK {
				t.Fatalf("%d %s", a.Code, a.Body)
			}
			var me struct{ Key json.RawMessage }
			if err := json.Unmarshal(a.Body.Bytes(), &me); err != nil {
				t.Fatal(err)
			}
			key := decode[workspace.KeyJSON](t, me.Key)
			if key.ID != summary.ID || key.Name != n.Name || key.Workspace != "acme" ||
				key.State != workspace.KeyActive ||
				key.Owner.ID != summary.Owner.ID || key.Owner.Type != workspace.OwnerUser ||
				key.LastUsed == nil || key.LastUsed.IP != "192.0.2.7" ||
				(key.ExpiresAt != nil) != (n.Expires != "") {
				t.Errorf("%+v", key)
			}
			if n.Rate != "" &&
				(key.RateLimit == nil || *key.RateLimit != workspace.RateLimitJSON{Requests: 100, WindowSeconds: 60}) {
				t.Errorf("rate limit: %+v", key.RateLimit)
			}
		})
	}
}

// TestEmptyScopesAreAnArray shows a key without access to anything.
func TestEmptyScopesAreAnArray(t *testing.T) {
	owner := &keyindex.Member{Workspace: &workspace.WorkspaceFact{Slug: "acme"}, UserID: "usr_1", Role: "owner"}
	none := &keyindex.Limits{Limits: workspace.Limits{Scopes: []string{}}}
	text := appendVerified(
		nil,
		keyindex.Result{Found: true, Owner: owner, Limits: none, ExpiresAt: time.Unix(0, 0).UTC()},
	)
	if !json.Valid(text) || !strings.Contains(string(text), `"access":"restricted","scopes":[]`) {
		t.Errorf("%s", text)
	}
}
