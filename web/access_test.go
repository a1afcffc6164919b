package web

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/keylodge/keylodge/internal/workspace"
)

// accessTo is one route, and the response that owners, admins, developers,
// auditors, plain members and strangers get.
type accessTo struct {
	method, route string
	statuses      [6]int
	form          url.Values // of a POST
}

var matrixRoles = []string{"owner", "admin", "developer", "auditor", "member"}

// anyMember is for routes where the role does not matter. A stranger is sent to
// sign in.
func anyMember(status int) [6]int {
	return [6]int{status, status, status, status, status, http.StatusSeeOther}
}

func everybody(status int) (all [6]int) {
	for i := range all {
		all[i] = status
	}
	return all
}

// accessMatrix is every route except those that verify keys. Where possible,
// each request changes nothing, so that the next role meets the same workspace.
var accessMatrix = []accessTo{
	{"GET", "/api/v1/me", [6]int{200, 200, 200, 200, 200, 401}, nil},
	{"DELETE", "/api/v1/me/key", everybody(http.StatusUnauthorized), nil},
	{"POST", "/api/v1/leaks", everybody(http.StatusUnsupportedMediaType), nil}, // a form
	{"GET", "/setup", everybody(410), nil},
	{"POST", "/setup", everybody(410), fields("token", "x")},
	{"GET", "/reset-password", everybody(410), nil},
	{"POST", "/reset-password", everybody(410), fields("token", "x")},
	{"POST", "/find-workspace", everybody(422), fields("slug", "nowhere")},
	{"GET", "/forgotten-password", everybody(200), nil},
	{"POST", "/forgotten-password", everybody(422), fields("email", "nobody")},
	{"GET", "/confirm-email", anyMember(410), nil},
	{"POST", "/confirm-email", anyMember(410), fields("token", "x")},
	{"GET", "/cancel-email-change", everybody(410), nil},
	{"POST", "/cancel-email-change", everybody(410), fields("token", "x")},
	{"GET", "/sign-in", [6]int{303, 303, 303, 303, 303, 200}, nil},
	{"POST", "/sign-in", everybody(422), fields("email", "nobody-NONCE@acme.example")},
	{"GET", "/", [6]int{200, 200, 303, 200, 303, 303}, nil},
	{"GET", "/settings", anyMember(303), nil},
	{"GET", "/settings/general", anyMember(200), nil},
	{"POST", "/settings/general", [6]int{303, 303, 403, 403, 403, 303}, fields("name", "Acme")},
	{"POST", "/settings/general/address", [6]int{422, 422, 403, 403, 403, 303}, fields("slug", "x")},
	{"POST", "/settings/general/keys", [6]int{422, 422, 403, 403, 403, 303}, fields("max_days", "x")},
	{"POST", "/settings/general/webhook", [6]int{422, 422, 403, 403, 403, 303}, fields("webhook", "x")},
	{"POST", "/settings/general/messages/:id/retry", [6]int{404, 404, 403, 403, 403, 303}, nil},
	{"POST", "/settings/general/messages/:id/dismiss", [6]int{404, 404, 403, 403, 403, 303}, nil},
	{"POST", "/settings/general/audit-log", [6]int{422, 422, 403, 403, 403, 303}, fields("audit_days", "x")},
	{"POST", "/settings/general/sign-in", [6]int{422, 422, 403, 403, 403, 303}, fields("require", "king", "days", "0")},
	{"GET", "/settings/scopes", [6]int{200, 200, 403, 403, 403, 303}, nil},
	{"POST", "/settings/scopes", [6]int{422, 422, 403, 403, 403, 303}, fields("name", "a b")},
	{"POST", "/settings/scopes/remove", [6]int{303, 303, 403, 403, 403, 303}, fields("name", "nothing")},
	{"POST", "/settings/scopes/templates", [6]int{422, 422, 403, 403, 403, 303}, fields("template", "")},
	{"POST", "/settings/scopes/templates/remove", [6]int{303, 303, 403, 403, 403, 303}, fields("template", "nothing")},
	{"GET", "/settings/general/delete", [6]int{200, 403, 403, 403, 403, 303}, nil},
	{"POST", "/settings/general/delete", [6]int{422, 403, 403, 403, 403, 303}, fields("slug", "other")},
	{"GET", "/settings/api-keys", [6]int{200, 200, 200, 200, 403, 303}, nil},
	{"POST", "/settings/api-keys/search", anyMember(303), fields("q", "x")},
	{"GET", "/settings/api-keys.csv", [6]int{200, 200, 200, 200, 403, 303}, nil},
	{"GET", "/settings/api-keys.jsonl", [6]int{200, 200, 200, 200, 403, 303}, nil},
	{"POST", "/settings/api-keys/selected", [6]int{200, 200, 200, 403, 403, 303}, fields("act", "revoke")},
	{"GET", "/settings/api-keys/jobs/:id", anyMember(404), nil},
	{"GET", "/settings/api-keys/new", [6]int{200, 200, 200, 403, 403, 303}, nil},
	{"POST", "/settings/api-keys", [6]int{201, 201, 201, 403, 403, 303}, fields("nonce", "NONCE")},
	{"GET", "/settings/api-keys/:id", [6]int{200, 200, 404, 200, 403, 303}, nil},
	{"GET", "/settings/api-keys/:id/edit", [6]int{200, 200, 404, 403, 403, 303}, nil},
	{"POST", "/settings/api-keys/:id/edit", [6]int{422, 422, 404, 403, 403, 303}, fields("expires", "x")},
	{"POST", "/settings/api-keys/:id/disable", [6]int{303, 303, 404, 403, 403, 303}, nil},
	{"POST", "/settings/api-keys/:id/enable", [6]int{303, 303, 404, 403, 403, 303}, nil},
	{"GET", "/settings/api-keys/:id/rotate", [6]int{403, 403, 404, 403, 403, 303}, nil},
	{"POST", "/settings/api-keys/:id/rotate", [6]int{403, 403, 404, 403, 403, 303}, fields("overlap", "x")},
	{"POST", "/settings/api-keys/:id/overlap", [6]int{422, 422, 422, 422, 422, 303}, fields("overlap", "x")},
	{
		"POST",
		"/settings/api-keys/:id/restore",
		[6]int{303, 403, 404, 403, 403, 303},
		nil,
	}, // an admin restores no key of an owner
	{"GET", "/settings/api-keys/:id/revoke", [6]int{200, 200, 404, 403, 403, 303}, nil},
	{"POST", "/settings/api-keys/:id/revoke", [6]int{303, 303, 404, 403, 403, 303}, nil},
	{"GET", "/settings/members", anyMember(200), nil},
	{"GET", "/settings/members/invite", [6]int{200, 200, 403, 403, 403, 303}, nil},
	{
		"POST",
		"/settings/members/invite",
		[6]int{422, 422, 403, 403, 403, 303},
		fields("emails", "nobody", "role", "member"),
	},
	{"POST", "/settings/members/invitations/:id/withdraw", [6]int{404, 404, 403, 403, 403, 303}, nil},
	{"GET", "/settings/members/:id", [6]int{200, 403, 403, 403, 403, 303}, nil}, // an owner's
	{"POST", "/settings/members/:id", [6]int{303, 303, 403, 403, 403, 303}, fields("role", "owner", "active", "true")},
	{"POST", "/settings/members/:id/end-sessions", [6]int{303, 403, 403, 403, 403, 303}, nil},
	{"GET", "/settings/members/:id/remove", [6]int{200, 403, 403, 403, 403, 303}, nil},
	{
		"POST",
		"/settings/members/:id/remove",
		[6]int{422, 403, 403, 403, 403, 303},
		fields("keys", "hand-over", "new_owner", "nobody"),
	},
	{"GET", "/settings/service-accounts", anyMember(200), nil},
	{"GET", "/settings/service-accounts/new", [6]int{200, 200, 403, 403, 403, 303}, nil},
	{"POST", "/settings/service-accounts", [6]int{422, 422, 403, 403, 403, 303}, fields("name", "", "role", "member")},
	{"GET", "/settings/audit-log", [6]int{200, 200, 403, 200, 403, 303}, nil},
	{"GET", "/settings/audit-log.csv", [6]int{200, 200, 403, 200, 403, 303}, nil},
	{"GET", "/settings/audit-log.jsonl", [6]int{200, 200, 403, 200, 403, 303}, nil},
	{"GET", "/settings/sign-on", anyMember(200), nil},
	{"GET", "/settings/sign-on/new", [6]int{200, 200, 403, 403, 403, 303}, nil},
	{"POST", "/settings/sign-on", [6]int{422, 422, 403, 403, 403, 303}, fields("name", "")},
	{"GET", "/settings/sign-on/:id", anyMember(404), nil},
	{"POST", "/settings/sign-on/:id", [6]int{404, 404, 403, 403, 403, 303}, fields("name", "")},
	{"POST", "/settings/sign-on/:id/remove", [6]int{404, 404, 403, 403, 403, 303}, nil},
	{"GET", "/invitation", everybody(410), nil},
	{"POST", "/invitation", everybody(410), fields("token", "x")},
	{"GET", "/confirm", anyMember(200), nil},
	{"POST", "/confirm", anyMember(422), nil},
	{"POST", "/confirm/with/:id", anyMember(404), nil},
	{"POST", "/account/security/providers/:id", anyMember(404), nil},
	{"POST", "/account/security/providers/:id/unlink", anyMember(404), nil},
	{"GET", "/account", anyMember(303), nil},
	{"GET", "/account/security", anyMember(200), nil},
	{"POST", "/account/security/password", anyMember(422), fields("password", "short")},
	{"POST", "/account/security/email", anyMember(422), fields("email", "nobody")},
	{"GET", "/account/security/totp", anyMember(200), nil},
	{"POST", "/account/security/totp", anyMember(422), fields("secret", "x", "code", "000000")},
	{"POST", "/account/security/totp/remove", anyMember(404), nil},
	{"POST", "/account/security/recovery-codes", anyMember(404), nil},
	{"POST", "/confirm/passkey", anyMember(422), fields("token", "x")},
	{"POST", "/account/security/passkeys/options", anyMember(200), nil},
	{"POST", "/account/security/passkeys", anyMember(410), fields("token", "x")},
	{"POST", "/account/security/passkeys/:id/remove", anyMember(404), nil},
	{"GET", "/account/sessions", anyMember(200), nil},
	{"POST", "/account/sessions/end-others", anyMember(404), nil},
	{"POST", "/account/sessions/:id/end", anyMember(404), nil},
	{"GET", "/static/*", everybody(404), nil},
	{"GET", "/favicon.ico", everybody(303), nil},
	{"POST", "/sign-in/code", everybody(410), fields("token", "x", "code", "000000")},
	{"POST", "/sign-in/passkey/options", everybody(200), nil},
	{"POST", "/sign-in/passkey", everybody(422), fields("token", "x")},
	{"POST", "/sign-in/with/:id", everybody(404), nil},
	{"GET", "/sign-in/callback", everybody(410), nil},
	{"POST", "/sign-out", everybody(303), nil},
}

// verifyMatrix is the routes that gateways call. A session is no key there.
var verifyMatrix = []accessTo{
	{"GET", "/verify", everybody(401), nil},
	{"GET", "/verify/envoy/orders", everybody(401), nil},
	{"POST", "/verify/envoy/settings/api-keys", everybody(401), nil},
	{"DELETE", "/verify/envoy", everybody(401), nil},
}

// TestMatrixListsEveryRoute fails when a route is added without saying who may
// use it.
func TestMatrixListsEveryRoute(t *testing.T) {
	t.Parallel()
	routes := Routes()
	for _, r := range routes {
		listed := func(a accessTo) bool { return a.method == r.Method && a.route == r.Path }
		if !slices.ContainsFunc(accessMatrix, listed) {
			t.Errorf("the matrix does not say who may %s %s", r.Method, r.Path)
		}
	}
	if len(routes) != len(accessMatrix) {
		t.Errorf("there are %d routes, and the matrix has %d", len(routes), len(accessMatrix))
	}
}

// TestMatrix requests every route as every role, as a stranger, with a key
// instead of a session, and with the session of another workspace.
func TestMatrix(t *testing.T) {
	t.Parallel()
	onBothEngines(t, testMatrix)
}

func testMatrix(t *testing.T, s *testServer) {
	s.newOwner(t)
	s.addBeta(t)
	owner := s.signInAt(t, "acme", testOwner)
	key := owner.addKey("CI")
	keyID := owner.keyID("CI")
	owner.addKey("edited")
	editedID := owner.keyID("edited")
	memberID := strings.TrimPrefix(owner.memberPath("Dana Okafor"), "/settings/members/")
	nonces := 0
	ask := func(c *client, a accessTo, headers ...string) int {
		id := keyID
		if strings.Contains(a.route, "/edit") {
			id = editedID // the other one is revoked on the way
		}
		if strings.Contains(a.route, "members/:id") {
			id = memberID
		}
		path := strings.NewReplacer(":id", id, "*", "nothing").Replace(a.route)
		if a.method == http.MethodGet {
			return c.fetch(path, headers...).status
		}
		if a.method == http.MethodDelete { // as without a key: with one it would end that
			return c.send(a.method, path, "").status
		}
		form := url.Values{}
		for name, values := range a.form {
			nonces++
			form.Set(name, strings.Replace(values[0], "NONCE", fmt.Sprint(nonces), 1))
		}
		return c.post(path, form, headers...).status
	}
	for n, role := range append(slices.Clone(matrixRoles), "stranger") {
		t.Run(role, func(t *testing.T) {
			c := s.newClient(t).at("acme")
			if role != "stranger" {
				email := role + "@acme.example"
				s.addMember(t, "acme", email, workspace.Role(role))
				c = s.signInAt(t, "acme", email)
			}
			for _, a := range slices.Concat(accessMatrix, verifyMatrix) {
				if got := ask(c, a); got != a.statuses[n] {
					t.Errorf("%s %s: %d, want %d", a.method, a.route, got, a.statuses[n])
				}
			}
		})
	}
	owner = s.signInAt(t, "acme", testOwner) // her sessions were ended
	live := owner.addKey("live")
	for name, c := range map[string]*client{
		"a key":                            s.newClient(t).at("acme"),
		"the session of another workspace": s.signInAt(t, "beta", benEmail).at("acme"),
	} {
		t.Run(name, func(t *testing.T) {
			for _, a := range slices.Concat(accessMatrix, verifyMatrix) {
				want := a.statuses[len(matrixRoles)]
				switch {
				case name != "a key" || a.method == http.MethodDelete:
				case a.route == "/api/v1/me" || strings.HasPrefix(a.route, "/verify/envoy"):
					want = http.StatusOK
				case a.route == "/verify":
					want = http.StatusNoContent
				}
				headers := []string{}
				if name == "a key" {
					headers = []string{"Authorization", "Bearer " + live}
				}
				if got := ask(c.in(t), a, headers...); got != want {
					t.Errorf("%s %s: %d, want %d", a.method, a.route, got, want)
				}
			}
		})
	}
	if s.verify(t, key).status != http.StatusUnauthorized || s.verify(t, live).status != http.StatusNoContent {
		t.Error("the matrix has revoked the wrong key")
	}
}

// TestMatrixAgreesWithTheTable compares what strangers get with the access in
// the route table.
func TestMatrixAgreesWithTheTable(t *testing.T) {
	t.Parallel()
	for _, r := range Routes() {
		signedInOnly := r.Access == AccessUser || r.Access == AccessMember
		for _, a := range accessMatrix {
			stranger := a.statuses[len(matrixRoles)]
			if a.method == r.Method && a.route == r.Path && signedInOnly && stranger != http.StatusSeeOther {
				t.Errorf("%s %s is for those who are signed in, and strangers get %d", r.Method, r.Path, stranger)
			}
		}
	}
}
