package e2e

import (
	"net/http"
	"strings"
	"testing"

	"github.com/keylodge/keylodge/web"
)

// postRoutes are the paths of all routes for POST that take a form. Their ids
// do not exist.
var postRoutes = formPaths()

func formPaths() (paths []string) {
	for _, r := range web.Routes() {
		if r.Method == http.MethodPost && !strings.HasPrefix(r.Path, "/api/") {
			paths = append(paths, strings.ReplaceAll(r.Path, ":id", "x"))
		}
	}
	return paths
}

// rows counts the rows of every table that a request could change.
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
