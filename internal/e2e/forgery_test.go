package e2e

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/keylodge/keylodge/web"
)

// programRoutes take JSON from programs.
var programRoutes = []string{"/api/v1/leaks"}

// postRoutes are an address of each route that takes a form; some need the id
// of a key, a member, a session or an invitation.
var postRoutes = []string{
	"/settings/general/webhook", "/settings/general/messages/MESSAGE/retry", "/settings/general/messages/MESSAGE/dismiss", "/settings/scopes", "/settings/scopes/remove", "/settings/scopes/templates", "/settings/scopes/templates/remove", "/setup", "/reset-password", "/find-workspace", "/sign-in", "/sign-out", "/confirm", "/invitation", "/settings/api-keys", "/settings/api-keys/search", "/settings/api-keys/selected", "/settings/api-keys/KEY/revoke", "/settings/api-keys/KEY/edit", "/settings/api-keys/KEY/disable", "/settings/api-keys/KEY/enable", "/settings/api-keys/KEY/rotate", "/settings/api-keys/KEY/overlap", "/settings/api-keys/KEY/restore",
	"/settings/general", "/settings/general/delete", "/settings/members/invite", "/settings/members/MEMBER", "/settings/members/invitations/INVITATION/withdraw",
	"/settings/members/MEMBER/remove", "/settings/members/MEMBER/end-sessions", "/settings/service-accounts",
	"/settings/general/sign-in", "/settings/general/address", "/settings/general/keys",
	"/settings/general/audit-log", "/forgotten-password", "/confirm-email", "/cancel-email-change",
	"/account/security/email",
	"/settings/sign-on", "/settings/sign-on/PROVIDER", "/settings/sign-on/PROVIDER/remove", "/sign-in/with/PROVIDER", "/confirm/with/PROVIDER", "/account/security/providers/PROVIDER", "/account/security/providers/PROVIDER/unlink",
	"/sign-in/passkey/options", "/sign-in/passkey", "/confirm/passkey", "/account/security/passkeys/options", "/account/security/passkeys", "/account/security/passkeys/PASSKEY/remove",
	"/account/security/password", "/account/security/totp", "/account/security/totp/remove", "/account/security/recovery-codes", "/sign-in/code", "/account/sessions/SESSION/end", "/account/sessions/end-others",
}

func TestPostRoutesAreAllListed(t *testing.T) {
	t.Parallel()
	n := 0
	for _, r := range web.Routes() {
		if r.Method == http.MethodPost {
			n++
		}
	}
	if n != len(postRoutes)+len(programRoutes) {
		t.Errorf("there are %d routes for POST, and these tests know %d", n, len(postRoutes)+len(programRoutes))
	}
}

// rows counts the rows of every table that a request could add to or take from.
func rows(t testing.TB, database string) map[string]int {
	n := map[string]int{}
	for _, table := range []string{"workspaces", "users", "members", "keys", "sessions", "invitations", "totps", "recovery_codes", "passkeys", "providers", "identities", "one_time_tokens", "throttles", "known_devices", "events"} {
		n[table] = count(t, database, `SELECT COUNT(*) FROM `+table)
	}
	n["revoked"] = count(t, database, `SELECT COUNT(*) FROM keys WHERE revoked_at IS NOT NULL`)
	n["owners"] = count(t, database, `SELECT COUNT(*) FROM members WHERE role = 'owner' AND active`)
	n["deleted"] = count(t, database, `SELECT COUNT(*) FROM workspaces WHERE deleted_at IS NOT NULL`)
	return n
}

func TestFormFromAnotherSiteDoesNothing(t *testing.T) {
	t.Parallel()
	s := start(t, sqliteFile(t))
	dana := s.setUp(t)
	dana.addKey("stays")
	s.addSam(t, "owner")
	s.signIn(t, danaEmail, danaPassword)
	invitation, _ := url.Parse(dana.invite(linaEmail, "admin"))
	ids := strings.NewReplacer(
		"KEY", dana.keyID("stays"), "MEMBER", strings.TrimPrefix(dana.memberPath("Sam"), "/settings/members/"),
		"SESSION", dana.idIn("/account/sessions", "ses_"), "INVITATION", dana.idIn("/settings/members", "inv_"),
	)
	link := s.keylodge(t, "user", "reset-link", "--email", danaEmail)
	_, token, _ := strings.Cut(strings.TrimSpace(link), "token=")
	forms := map[string]url.Values{
		"/setup": setupForm("x"), "/reset-password": fields("token", token, "password", "another password of hers"),
		"/find-workspace": fields("slug", "acme"), "/sign-in": fields("email", danaEmail, "password", danaPassword),
		"/settings/api-keys": keyForm("forged", "forged"), "/confirm": fields("password", danaPassword),
		"/invitation":       fields("token", invitation.Query().Get("token"), "name", "Eve", "password", linaPassword),
		"/settings/general": fields("name", "Forged"), "/settings/general/delete": fields("slug", "acme"),
		"/settings/members/invite": fields("emails", "eve@evil.example", "role", "owner"), "/settings/members/MEMBER": fields("role", "member", "active", "false"),
		"/settings/members/MEMBER/remove": fields("keys", "revoke"), "/settings/service-accounts": fields("name", "Forged", "role", "admin"),
		"/settings/general/audit-log": fields("audit_days", "30"),
		"/settings/general/address":   fields("slug", "forged"), "/settings/general/sign-in": fields("require", "", "days", "0"),
		"/account/security/password": fields("current_password", danaPassword, "password", newPassword),
	}
	before := rows(t, s.database)
	for _, route := range slices.Concat(postRoutes, programRoutes) {
		for name, headers := range map[string][]string{
			"cross-site":                   {"Sec-Fetch-Site", "cross-site"},
			"same-site":                    {"Sec-Fetch-Site", "same-site"},
			"cross-site with our origin":   {"Sec-Fetch-Site", "cross-site", "Origin", s.url},
			"a foreign origin":             {"Origin", "https://evil.example"},
			"a foreign port":               {"Origin", "http://localhost:1"},
			"no origin to speak of":        {"Origin", "null"},
			"cross-site as htmx":           {"Sec-Fetch-Site", "cross-site", "HX-Request", "true"},
			"cross-site with an override":  {"Sec-Fetch-Site", "cross-site", "X-HTTP-Method-Override", "GET"},
			"a workspace's host as origin": {"Origin", strings.Replace(s.url, "://", "://beta.", 1)},
		} {
			t.Run(route+" "+name, func(t *testing.T) {
				headers := append([]string{"Content-Type", "application/x-www-form-urlencoded"}, headers...)
				a := dana.in(t).send(http.MethodPost, ids.Replace(route), strings.NewReader(forms[route].Encode()), headers...)
				dana.in(t).want(a, http.StatusForbidden, "sent from another site, so nothing was done")
				if a.header["Set-Cookie"] != nil {
					t.Errorf("a cookie is set: %s", a.header["Set-Cookie"])
				}
			})
		}
	}
	if after := rows(t, s.database); !maps.Equal(before, after) {
		t.Errorf("before %v, after %v", before, after)
	}
	dana.want(dana.get("/settings/api-keys"), http.StatusOK, "stays") // still signed in
	dana.want(dana.post("/settings/api-keys", forms["/settings/api-keys"]), http.StatusCreated)
}
