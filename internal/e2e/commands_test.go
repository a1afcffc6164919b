package e2e

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestMigrate(t *testing.T) {
	t.Parallel()
	onBothEngines(t, func(t *testing.T, database string) {
		first := keylodge(t, "", "migrate", "--db", database)
		if first.code != 0 || !regexp.MustCompile(`^(applied \d{4}_\w+(\.sql)?\n)+$`).MatchString(first.out) {
			t.Errorf("%+v", first)
		}
		again := keylodge(t, "", "migrate", "--db", database)
		if again.code != 0 || again.out != "The database is up to date.\n" {
			t.Errorf("%+v", again)
		}
		if !isPostgres(database) {
			if info, err := os.Stat(database); err != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("who may read the database: %v %v", info.Mode(), err)
			}
		}
		start(t, database).setUp(t)
	})
}

// fails runs a command on the server's database that must end with code 1.
func (s *server) fails(t testing.TB, input, says string, arguments ...string) {
	t.Helper()
	r := keylodge(t, input, append(arguments, "--db", s.database)...)
	if r.code != 1 || r.out != "" {
		t.Errorf("keylodge %s: code %d, %q", strings.Join(arguments, " "), r.code, r.out)
	}
	oneLineOf(t, r.err, says)
}

func TestWorkspacesAndPeopleByCommand(t *testing.T) {
	t.Parallel()
	onBothEngines(t, func(t *testing.T, database string) {
		s := start(t, database)
		s.setUp(t)
		workspace := func(slug string, more ...string) []string {
			return append([]string{"workspace", "create", "--slug", slug, "--name", "Another", "--owner-email", benEmail}, more...)
		}
		s.fails(t, "", "taken", workspace("acme")...)
		for _, slug := range []string{"api", "www", "be", "beta-", "beta.x", "xn--beta"} {
			s.fails(t, "", "slug", workspace(slug)...)
		}
		s.fails(t, "short\n", "12", workspace("beta", "--password-stdin")...)
		s.fails(t, "", "no password on standard input", workspace("beta", "--password-stdin")...)
		if n := count(t, database, `SELECT COUNT(*) FROM workspaces`) + count(t, database, `SELECT COUNT(*) FROM users`); n != 2 {
			t.Errorf("refused commands have made something: %d", n)
		}
		s.keylodgeReading(t, benPassword+"\n", workspace("beta", "--password-stdin")...)
		ben := s.signInAt(t, "beta", benEmail, benPassword)
		ben.want(ben.get("/settings/api-keys"), http.StatusOK, "Another")

		s.addSam(t, "developer")
		s.signInAt(t, "acme", samEmail, samPassword)
		create := []string{"user", "create", "--workspace", "acme", "--email", "lea@acme.example", "--role"}
		s.fails(t, "", "member already", "user", "create", "--workspace", "acme", "--email", strings.ToUpper(samEmail), "--role", "admin")
		s.fails(t, "", "The role is one of", append(create, "king")...)
		s.fails(t, "", "no workspace", "user", "create", "--workspace", "none", "--email", "x@y.example", "--role", "admin")
		s.fails(t, "", "e-mail", "user", "create", "--workspace", "acme", "--email", "nonsense", "--role", "admin")
		if r := keylodge(t, "", append(create, "auditor", "--base-url", "nonsense", "--db", database)...); r.code != 2 {
			t.Errorf("a wrong --base-url: %+v", r)
		}
		if n := count(t, database, `SELECT COUNT(*) FROM users WHERE email = 'lea@acme.example'`); n != 0 {
			t.Fatal("the command failed, and made a member who has got no link")
		}
		said := s.keylodge(t, append(create, "auditor", "--base-url", strings.Replace(s.url, "://", "://acme.", 1))...)
		link := said[strings.LastIndex(said, "\n")+1:]
		if !strings.HasPrefix(link, strings.Replace(s.url, "://", "://acme.", 1)+"/reset-password?token=") {
			t.Fatalf("no link: %q", said)
		}
		lea := s.newClient(t).at("acme")
		const password = "paper lantern over the bridge"
		use := func(link, password string) answer {
			_, token, _ := strings.Cut(link, "token=")
			return lea.post("/reset-password", fields("token", token, "password", password))
		}
		path := func(link string) string { return link[strings.Index(link, "/reset-password"):] }
		lea.want(lea.get(path(link)), http.StatusOK, "lea@acme.example")
		lea.want(use(link, "short"), http.StatusUnprocessableEntity, "at least 12") // and the link is as before
		lea.want(use(link, password), http.StatusSeeOther)
		lea.want(use(link, "another one of that length"), http.StatusGone)
		lea.want(lea.get(path(link)), http.StatusGone)
		lea = s.signInAt(t, "acme", "lea@acme.example", password)

		reset := func() string {
			return s.keylodge(t, "user", "reset-link", "--email", " LEA@acme.example", "--base-url", s.url)
		}
		older, newer := reset(), reset()
		lea.want(use(older, "another one of that length"), http.StatusGone)
		statuses := make([]int, 3)
		together(3, func(i int) { statuses[i] = use(newer, fmt.Sprint("number ", i, " of the new ones")).status })
		slices.Sort(statuses)
		if !slices.Equal(statuses, []int{http.StatusSeeOther, http.StatusGone, http.StatusGone}) {
			t.Errorf("one link used three times at once: %v", statuses)
		}
		lea.want(lea.get("/settings/api-keys"), http.StatusSeeOther) // a new password ends all sessions
	})
}

func TestRolesByCommand(t *testing.T) {
	t.Parallel()
	onBothEngines(t, func(t *testing.T, database string) {
		s := start(t, database)
		s.setUp(t)
		s.addSam(t, "developer")
		key := s.keylodge(t, "key", "create", "--workspace", "acme", "--owner", samEmail)
		user := func(verb, email string, more ...string) []string {
			return append([]string{"user", verb, "--workspace", "acme", "--email", email}, more...)
		}
		for _, role := range []string{"admin", "auditor", "member", "owner", "developer"} {
			s.keylodge(t, user("role", samEmail, "--role", role)...)
			if a := s.verify(t, key); a.status != http.StatusNoContent || a.header.Get("X-Keylodge-Role") != role {
				t.Errorf("%d with the role %q instead of %q", a.status, a.header.Get("X-Keylodge-Role"), role)
			}
		}
		s.fails(t, "", "always has an owner", user("deactivate", danaEmail)...)
		s.fails(t, "", "always has an owner", user("role", danaEmail, "--role", "admin")...)
		s.fails(t, "", "no member", user("deactivate", "x@y.example")...)
		s.fails(t, "", "The role is one of", user("role", samEmail, "--role", "Owner")...)
		for range 2 { // the second time changes nothing
			s.keylodge(t, user("deactivate", samEmail)...)
			if a := s.verify(t, key); a.status != http.StatusUnauthorized {
				t.Errorf("the key of a deactivated member gets %d", a.status)
			}
		}
		s.keylodge(t, user("activate", samEmail)...)
		if a := s.verify(t, key); a.status != http.StatusNoContent {
			t.Errorf("the key of who was restarted gets %d", a.status)
		}
		if n := count(t, database, `SELECT COUNT(*) FROM events WHERE action = 'member.changed'`); n != 7 {
			t.Errorf("7 changes have %d audit rows", n)
		}
	})
}

// listed is a key as `key list --json` prints it.
type listed struct {
	ID, Name, Hint, State, Owner string
	ExpiresAt                    *time.Time `json:"expires_at"`
	LastUsedAt                   *time.Time `json:"last_used_at"`
	RevokedAt                    *time.Time `json:"revoked_at"`
}

func (s *server) listed(t testing.TB) (keys []listed) {
	t.Helper()
	if err := json.Unmarshal([]byte(s.keylodge(t, "key", "list", "--workspace", "acme", "--json")), &keys); err != nil {
		t.Fatal(err)
	}
	return keys
}

func TestKeysByCommand(t *testing.T) {
	t.Parallel()
	onBothEngines(t, func(t *testing.T, database string) {
		s := start(t, database, "--key-prefix", "acme_live")
		s.setUp(t)
		create := func(more ...string) []string {
			return append([]string{"key", "create", "--workspace", "acme", "--owner", danaEmail}, more...)
		}
		if empty := s.keylodge(t, "key", "list", "--workspace", "acme", "--json"); empty != "[]" {
			t.Errorf("no keys are %q", empty)
		}
		r := keylodge(t, "", append(create("--name", "CI deploy", "--expires", "90d"), "--db", database)...)
		if r.code != 0 || r.err != "" || !regexp.MustCompile(`^kl_[0-9A-Za-z]{38}\n$`).MatchString(r.out) {
			t.Fatalf("more or less than the key: code %d, %d characters, %s", r.code, len(r.out), r.err)
		}
		key := strings.TrimSpace(r.out)
		s.secret(key)
		if a := s.verify(t, key); a.status != http.StatusNoContent || a.header.Get("X-Keylodge-Key-Name") != "CI deploy" {
			t.Errorf("the new key gets %d", a.status)
		}
		other := keylodge(t, "", append(create("--key-prefix", "x1"), "--db", database)...).out
		if a := s.verify(t, strings.TrimSpace(other)); !strings.HasPrefix(other, "x1_") || a.status != http.StatusNoContent {
			t.Errorf("a key with another prefix gets %d", a.status)
		}
		for _, expires := range []string{"0d", "-1d", "90", "yesterday", "2020-01-01T00:00", "99999d"} {
			s.fails(t, "", "expires", create("--expires="+expires)...)
		}
		s.fails(t, "", "name", create("--name", strings.Repeat("x", 101))...)
		s.fails(t, "", "name", create("--name", "a\nb")...)
		s.fails(t, "", "no member", "key", "create", "--workspace", "acme", "--owner", "x@y.example")
		keys := s.listed(t)
		if len(keys) != 2 {
			t.Fatalf("%+v", keys)
		}
		i := slices.IndexFunc(keys, func(k listed) bool { return k.Name == "CI deploy" })
		k := keys[i]
		if k.State != "active" || k.Hint != key[:7]+"…"+key[len(key)-4:] || k.Owner != danaName || k.ExpiresAt == nil || k.RevokedAt != nil {
			t.Errorf("%+v", k)
		} else if days := time.Until(*k.ExpiresAt).Hours() / 24; days < 89 || days > 91 {
			t.Errorf("90 days are %v", days)
		}
		table := s.keylodge(t, "key", "list", "--workspace", "acme")
		if lines := strings.Split(table, "\n"); len(lines) != 3 || !strings.HasPrefix(lines[0], "ID ") || !strings.Contains(table, k.ID) || strings.Contains(table, key) {
			t.Errorf("the table:\n%s", table)
		}
		for range 2 { // the second time says the same
			if said := s.keylodge(t, "key", "revoke", k.ID); !strings.Contains(said, "CI deploy") || !strings.Contains(said, "is revoked, since") {
				t.Errorf("%q", said)
			}
			if a := s.verify(t, key); a.status != http.StatusUnauthorized {
				t.Errorf("the revoked key gets %d", a.status)
			}
		}
		if n := count(t, database, `SELECT COUNT(*) FROM events WHERE action = 'key.revoked'`); n != 1 {
			t.Errorf("%d audit rows", n)
		}
	})
}

// TestLastUseOutlivesTheProgram reads it by the command line, from each engine.
func TestLastUseOutlivesTheProgram(t *testing.T) {
	t.Parallel()
	onBothEngines(t, func(t *testing.T, database string) {
		s := start(t, database)
		dana := s.setUp(t)
		used := dana.addKey("used")
		dana.addKey("unused")
		if a := s.verify(t, used); a.status != http.StatusNoContent {
			t.Fatal(a.status)
		}
		s.stop()
		for _, k := range start(t, database).listed(t) {
			if (k.LastUsedAt != nil) != (k.Name == "used") {
				t.Errorf("%+v", k)
			}
		}
	})
}
