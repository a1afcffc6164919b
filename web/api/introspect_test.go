package api

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/keylodge/keylodge/internal/paths"
	"github.com/keylodge/keylodge/internal/workspace"
)

// TestIntrospectionTakesClientsCredentials authenticates as OAuth clients do
// (RFC 6749 section 2.3.1).
func TestIntrospectionTakesClientsCredentials(t *testing.T) {
	s := newTestServer(t)
	s.addWorkspace(t, "acme")
	caller, token := s.addKey(t, "acme", workspace.NewKey{}), s.addKey(t, "acme", workspace.NewKey{})
	basic := func(user, password string) string {
		return "Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+password))
	}
	everyByte := ""
	for i := range len(caller) {
		everyByte += fmt.Sprintf("%%%02X", caller[i])
	}
	encoded := strings.Replace(caller, "_", "%5F", 1)
	for name, c := range map[string]struct {
		form    string
		headers []string
		ok      bool
	}{
		"Basic": {"", []string{"Authorization", basic("x", caller)}, true},
		"basic": {"",
			[]string{"Authorization", strings.Replace(basic("x", caller), "Basic", "bASIC", 1)}, true},
		"Basic with an encoded _":   {"", []string{"Authorization", basic("x", encoded)}, true},
		"Basic with all encoded":    {"", []string{"Authorization", basic("a%20client", everyByte)}, true},
		"Basic and the client's id": {"&client_id=x", []string{"Authorization", basic("x", caller)}, true},
		"client_secret":             {"&client_id=x&client_secret=" + caller, nil, true},
		"client_secret alone":       {"&client_secret=" + encoded, nil, true},
		"Bearer":                    {"", []string{"Authorization", "Bearer " + caller}, true},
		"nothing":                   {"", nil, false},
		"an id alone":               {"&client_id=" + caller, nil, false},
		"Basic with a bad escape":   {"", []string{"Authorization", basic("x", caller+"%")}, false},
		"Basic encoded twice": {"",
			[]string{"Authorization", basic("x", strings.Replace(encoded, "%", "%25", 1))}, false},
		"Basic without a password":     {"", []string{"Authorization", basic("x", "")}, false},
		"Basic with the key as the id": {"", []string{"Authorization", basic(caller, "")}, false},
		"Basic and client_secret": {"&client_secret=" + caller, []string{"Authorization", basic("x", caller)},
			false},
		"Basic and another":      {"&client_secret=x", []string{"Authorization", basic("x", caller)}, false},
		"Basic and an empty one": {"&client_secret=", []string{"Authorization", basic("x", caller)}, false},
		"Bearer and client_secret": {"&client_secret=" + caller, []string{"Authorization", "Bearer " + caller},
			false},
		"X-API-Key and client_secret":   {"&client_secret=" + caller, []string{"X-Api-Key", caller}, false},
		"client_secret twice":           {"&client_secret=" + caller + "&client_secret=" + caller, nil, false},
		"client_secret of another kind": {"&client_secret=" + token[:len(token)-1], nil, false},
		"an assertion":                  {"&client_assertion=" + caller, nil, false},
		"a form that is malformed":      {"&client_secret=" + caller + "&x=%zz", nil, false},
		"Basic twice": {"",
			[]string{"Authorization", basic("x", caller), "Authorization", basic("x", caller)}, false},
		"Basic, not base64": {"", []string{"Authorization", "Basic !"}, false},
		"Basic behind another scheme": {"", []string{"Authorization", "Token x", "Authorization", basic("x", caller)},
			false},
		"client_secret in a cookie": {"", []string{"Cookie", "client_secret=" + caller}, false},
	} {
		t.Run(name, func(t *testing.T) {
			a := s.send(request("POST", paths.Introspect, "token="+token+c.form,
				append([]string{"Content-Type", formType}, c.headers...)...))
			if c.ok != (a.Code == http.StatusOK && strings.Contains(a.Body.String(), `"active":true`)) {
				t.Fatalf("status %d", a.Code)
			}
			if c.ok {
				return
			}
			if a.Code != http.StatusUnauthorized || !strings.Contains(a.Body.String(), `"error":"invalid_client"`) ||
				a.Header().Get("WWW-Authenticate") == "" {
				t.Errorf("status %d, WWW-Authenticate %q", a.Code, a.Header().Get("WWW-Authenticate"))
			}
			if usesBasic := len(c.headers) > 0 &&
				strings.HasPrefix(c.headers[1],
					"Basic "); usesBasic != strings.HasPrefix(a.Header().Get("WWW-Authenticate"), "Basic ") &&
				c.form == "" {
				t.Errorf("WWW-Authenticate %q", a.Header().Get("WWW-Authenticate"))
			}
			if strings.Contains(a.Body.String(), caller) || strings.Contains(s.log.String(), caller) {
				t.Error("the key is in the answer or the log")
			}
		})
	}
	if a := s.send(request("POST", paths.Introspect+"?client_secret="+caller, "token="+token, "Content-Type",
		formType)); a.Code != http.StatusUnauthorized {
		t.Errorf("client_secret in the URL: status %d", a.Code)
	}
	for _, secret := range []string{caller, token} {
		if a := s.send(request("POST", paths.Introspect, "client_secret="+secret, "Content-Type",
			"text/plain")); a.Code != http.StatusUnauthorized {
			t.Errorf("a form of another type: status %d", a.Code)
		}
	}
}
