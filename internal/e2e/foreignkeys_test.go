package e2e

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
)

// TestTwoRevokeTheSameKey has two admins confirm at the same moment.
func TestTwoRevokeTheSameKey(t *testing.T) {
	t.Parallel()
	onBothEngines(t, func(t *testing.T, database string) {
		s := start(t, database)
		dana := s.setUp(t)
		s.addSam(t, "admin")
		people := []*client{dana, s.signIn(t, samEmail, samPassword)}
		for _, name := range []string{"one", "two", "three", "four", "five"} {
			key := dana.addKey(name)
			id := dana.keyID(name)
			together(2, func(i int) {
				a, err := people[i].trySend(http.MethodPost, "/settings/api-keys/"+id+"/revoke", strings.NewReader(""), "Content-Type", "application/x-www-form-urlencoded")
				if err != nil || a.status != http.StatusSeeOther {
					t.Errorf("%v %d %s", err, a.status, a.body)
					return
				}
				if seen, err := people[i].trySend(http.MethodGet, a.location(), nil); err != nil ||
					!strings.Contains(seen.text(), "“"+name+"” is revoked.") && !strings.Contains(seen.text(), "“"+name+"” was already revoked by") {
					t.Errorf("what one of them sees does not say that it is revoked: %v\n%s", err, seen.text())
				}
			})
			if n := count(t, database, `SELECT COUNT(*) FROM events WHERE action = 'key.revoked' AND target_id = $1`, id); n != 1 {
				t.Errorf("%d audit rows", n)
			}
			if a := s.verify(t, key); a.status != http.StatusUnauthorized {
				t.Errorf("the revoked key gets %d", a.status)
			}
		}
	})
}

var requestIDs = regexp.MustCompile(`Request <code>[0-9A-Z]+</code>`)

// TestForeignAndUnknownKeysLookAlike compares the whole answers but for the
// request's id and the date.
func TestForeignAndUnknownKeysLookAlike(t *testing.T) {
	t.Parallel()
	onBothEngines(t, func(t *testing.T, database string) {
		s := start(t, database)
		s.setUp(t)
		s.addBeta(t)
		s.addSam(t, "developer")
		dana, ben := s.signInAt(t, "acme", danaEmail, danaPassword), s.signInAt(t, "beta", benEmail, benPassword)
		sam := s.signInAt(t, "acme", samEmail, samPassword)
		foreign := ben.addKey("Ben’s")
		foreignID := ben.keyID("Ben’s")
		ben.addKey("Ben’s dead one")
		deadID := ben.keyID("Ben’s dead one")
		ben.revoke(deadID)
		colleagues := dana.addKey("Dana’s")
		colleaguesID := dana.keyID("Dana’s")
		ids := map[string]string{
			"another workspace's": foreignID, "another workspace's, revoked": deadID, "a colleague's": colleaguesID,
			"malformed": "key_1", "in capitals": strings.ToUpper(foreignID), "a space after": foreignID + "%20", "NUL": "%00", "not UTF-8": "%ff",
			"encoded twice": "%256b", "a slash": "a%2Fb", "dots": "%2e%2e", "endless": strings.Repeat("k", 4000), "a key": foreign,
			"SQL": "'%20OR%20'1'='1", "all": "%25", "a workspace's": "wks_1",
		}
		whole := func(a answer) string {
			a.header.Del("X-Request-Id")
			a.header.Del("Date")
			return fmt.Sprint(a.status, a.header, requestIDs.ReplaceAllString(a.body, "Request"))
		}
		ask := func(t *testing.T, c *client, method, id string, headers ...string) answer {
			headers = append(headers, "Content-Type", "application/x-www-form-urlencoded")
			return c.in(t).send(method, "/settings/api-keys/"+id+"/revoke", strings.NewReader(""), headers...)
		}
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			for _, headers := range [][]string{nil, {"HX-Request", "true"}} {
				a := ask(t, sam, method, unknownKey, headers...)
				sam.want(a, http.StatusNotFound, "There is nothing here, or it is not yours to see.")
				unknown := whole(a)
				for name, id := range ids {
					t.Run(fmt.Sprint(method, " ", name, headers), func(t *testing.T) {
						if got := whole(ask(t, sam, method, id, headers...)); got != unknown {
							t.Errorf("it looks different:\n%s\nan unknown one:\n%s", got, unknown)
						}
					})
				}
			}
		}
		for _, id := range []string{foreignID, colleaguesID, deadID, unknownKey} { // nor does the list tell
			if a := sam.get("/settings/api-keys?revoked=" + id); strings.Contains(a.body, "notice") {
				t.Errorf("the list tells of %s:\n%s", id, a.body)
			}
		}
		for _, key := range []string{foreign, colleagues} {
			if a := s.verify(t, key); a.status != http.StatusNoContent {
				t.Errorf("a key that nobody may revoke gets %d", a.status)
			}
		}
	})
}
