package e2e

import (
	"net/http"
	"testing"

	"github.com/keylodge/keylodge/web"
)

// programRoutes take JSON from programs.
var programRoutes = []string{"/api/v1/leaks"}

// postRoutes are an address of each route that takes a form; some need the id
// of a key, a member, a session or an invitation.
var postRoutes = []string{
	"/settings/general/webhook", "/settings/general/messages/MESSAGE/retry",
	"/settings/general/messages/MESSAGE/dismiss", "/settings/scopes", "/settings/scopes/remove",
	"/settings/scopes/templates", "/settings/scopes/templates/remove", "/setup", "/reset-password", "/find-workspace",
	"/sign-in", "/sign-out", "/confirm", "/invitation", "/settings/api-keys", "/settings/api-keys/search",
	"/settings/api-keys/selected", "/settings/api-keys/KEY/revoke", "/settings/api-keys/KEY/edit", "/settings/api-keys/KEY/disable", "/settings/api-keys/KEY/enable", "/settings/api-keys/KEY/rotate", "/settings/api-keys/KEY/overlap", "/settings/api-keys/KEY/restore",
	"/settings/general", "/settings/general/delete", "/settings/members/invite", "/settings/members/MEMBER",
	"/settings/members/invitations/INVITATION/withdraw",
	"/settings/members/MEMBER/remove", "/settings/members/MEMBER/end-sessions", "/settings/service-accounts",
	"/settings/general/sign-in", "/settings/general/address", "/settings/general/keys",
	"/settings/general/audit-log", "/forgotten-password", "/confirm-email", "/cancel-email-change",
	"/account/security/email",
	"/settings/sign-on", "/settings/sign-on/PROVIDER", "/settings/sign-on/PROVIDER/remove", "/sign-in/with/PROVIDER",
	"/confirm/with/PROVIDER", "/account/security/providers/PROVIDER", "/account/security/providers/PROVIDER/unlink",
	"/sign-in/passkey/options", "/sign-in/passkey", "/confirm/passkey", "/account/security/passkeys/options",
	"/account/security/passkeys", "/account/security/passkeys/PASSKEY/remove",
	"/account/security/password", "/account/security/totp", "/account/security/totp/remove",
	"/account/security/recovery-codes", "/sign-in/code", "/account/sessions/SESSION/end",
	"/account/sessions/end-others",
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
	for _, table := range []string{"workspaces", "users", "members", "keys", "sessions", "invitations", "totps",
		"recovery_codes", "passkeys", "providers", "identities", "one_time_tokens", "throttles", "known_devices",
		"events"} {
		n[table] = count(t, database, `SELECT COUNT(*) FROM `+table)
	}
	n["revoked"] = count(t, database, `SELECT COUNT(*) FROM keys WHERE revoked_at IS NOT NULL`)
	n["owners"] = count(t, database, `SELECT COUNT(*) FROM members WHERE role = 'owner' AND active`)
	n["deleted"] = count(t, database, `SELECT COUNT(*) FROM workspaces WHERE deleted_at IS NOT NULL`)
	return n
}
