package web

import (
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

func TestFormFromAnotherSiteDoesNothing(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	dana := s.newOwner(t)
	dana.addKey("stays")
	s.addSam(t, "owner")
	s.signIn(t, testOwner)
	invitation, _ := url.Parse(dana.invite(linaEmail, "admin"))
	ids := strings.NewReplacer(
		"KEY", dana.keyID("stays"), "MEMBER", strings.TrimPrefix(dana.memberPath("Sam"), "/settings/members/"),
		"SESSION", dana.idIn("/account/sessions", "ses_"), "INVITATION", dana.idIn("/settings/members", "inv_"),
	)
	token := s.resetToken(t, testOwner)
	forms := map[string]url.Values{
		"/setup": setupForm("x"), "/reset-password": fields("token", token, "password", "another password of hers"),
		"/find-workspace": fields("slug", "acme"), "/sign-in": fields("email", testOwner, "password", testPassword),
		"/settings/api-keys": addKeyForm("forged", "forged"), "/confirm": fields("password", testPassword),
		"/invitation":       fields("token", invitation.Query().Get("token"), "name", "Eve", "password", linaPassword),
		"/settings/general": fields("name", "Forged"), "/settings/general/delete": fields("slug", "acme"),
		"/settings/members/invite":        fields("emails", "eve@evil.example", "role", "owner"),
		"/settings/members/MEMBER":        fields("role", "member", "active", "false"),
		"/settings/members/MEMBER/remove": fields("keys", "revoke"),
		"/settings/service-accounts":      fields("name", "Forged", "role", "admin"),
		"/settings/general/audit-log":     fields("audit_days", "30"),
		"/settings/general/address":       fields("slug", "forged"),
		"/settings/general/sign-in":       fields("require", "", "days", "0"),
		"/account/security/password":      fields("current_password", testPassword, "password", newPassword),
	}
	before := s.rows(t)
	for _, route := range postRoutes() {
		for name, headers := range map[string][]string{
			"cross-site":                   {"Sec-Fetch-Site", "cross-site"},
			"same-site":                    {"Sec-Fetch-Site", "same-site"},
			"cross-site with our origin":   {"Sec-Fetch-Site", "cross-site", "Origin", testBase},
			"a foreign origin":             {"Origin", "https://evil.example"},
			"a foreign port":               {"Origin", "http://localhost:1"},
			"no origin to speak of":        {"Origin", "null"},
			"cross-site as htmx":           {"Sec-Fetch-Site", "cross-site", "HX-Request", "true"},
			"cross-site with an override":  {"Sec-Fetch-Site", "cross-site", "X-HTTP-Method-Override", "GET"},
			"a workspace's host as origin": {"Origin", strings.Replace(testBase, "://", "://beta.", 1)},
		} {
			t.Run(route+" "+name, func(t *testing.T) {
				headers := append([]string{"Content-Type", "application/x-www-form-urlencoded"}, headers...)
				a := dana.in(t).send(http.MethodPost, ids.Replace(route), forms[route].Encode(), headers...)
				a.want(http.StatusForbidden, "sent from another site, so nothing was done")
				if a.header["Set-Cookie"] != nil {
					t.Errorf("a cookie is set: %s", a.header["Set-Cookie"])
				}
			})
		}
	}
	if after := s.rows(t); !maps.Equal(before, after) {
		t.Errorf("before %v, after %v", before, after)
	}
	dana.fetch("/settings/api-keys").want(http.StatusOK, "stays") // still signed in
	dana.post("/settings/api-keys", forms["/settings/api-keys"]).want(http.StatusCreated)
}

// postRoutes returns the path of each POST route, with KEY, MEMBER and so on in
// place of ids.
func postRoutes() (paths []string) {
	ids := strings.NewReplacer("api-keys/:id", "api-keys/KEY", "members/:id", "members/MEMBER",
		"sessions/:id", "sessions/SESSION", "invitations/:id", "invitations/INVITATION", ":id", "ID")
	for _, r := range Routes() {
		if r.Method == http.MethodPost {
			paths = append(paths, ids.Replace(r.Path))
		}
	}
	return paths
}

// rows counts the rows of every table that a request could change.
func (s *testServer) rows(t testing.TB) map[string]int {
	n := map[string]int{}
	for _, table := range []string{"workspaces", "users", "members", "keys", "sessions", "invitations", "totps",
		"recovery_codes", "passkeys", "providers", "identities", "one_time_tokens", "throttles", "known_devices",
		"events"} {
		n[table] = s.count(t, `SELECT COUNT(*) FROM `+table)
	}
	n["revoked"] = s.count(t, `SELECT COUNT(*) FROM keys WHERE revoked_at IS NOT NULL`)
	n["owners"] = s.count(t, `SELECT COUNT(*) FROM members WHERE role = 'owner' AND active`)
	n["deleted"] = s.count(t, `SELECT COUNT(*) FROM workspaces WHERE deleted_at IS NOT NULL`)
	return n
}
