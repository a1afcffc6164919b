package web

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
)

var requestIDs = regexp.MustCompile(`Request <code>[0-9A-Z]+</code>`)

// TestForeignAndUnknownKeysLookAlike compares whole responses except for the
// request id and the date.
func TestForeignAndUnknownKeysLookAlike(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	s.newOwner(t)
	s.addBeta(t)
	s.addSam(t, "developer")
	dana, ben := s.signInAt(t, "acme", testOwner), s.signInAt(t, "beta", benEmail)
	sam := s.signInAt(t, "acme", samEmail)
	foreign := ben.addKey("Ben’s")
	foreignID := ben.keyID("Ben’s")
	ben.addKey("Ben’s dead one")
	deadID := ben.keyID("Ben’s dead one")
	ben.revoke(deadID)
	colleagues := dana.addKey("Dana’s")
	colleaguesID := dana.keyID("Dana’s")
	ids := map[string]string{
		"another workspace's": foreignID, "another workspace's, revoked": deadID, "a colleague's": colleaguesID,
		"malformed": "key_1", "in capitals": strings.ToUpper(foreignID), "a space after": foreignID + "%20",
		"NUL": "%00", "not UTF-8": "%ff",
		"encoded twice": "%256b", "a slash": "a%2Fb", "dots": "%2e%2e", "endless": strings.Repeat("k", 4000),
		"a key": foreign,
		"SQL":   "'%20OR%20'1'='1", "all": "%25", "a workspace's": "wks_1",
	}
	whole := func(a *page) string {
		a.header.Del("X-Request-Id")
		a.header.Del("Date")
		return fmt.Sprint(a.status, a.header, requestIDs.ReplaceAllString(a.body, "Request"))
	}
	ask := func(t *testing.T, c *client, method, id string, headers ...string) *page {
		headers = append(headers, "Content-Type", "application/x-www-form-urlencoded")
		return c.in(t).send(method, "/settings/api-keys/"+id+"/revoke", "", headers...)
	}
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		for _, headers := range [][]string{nil, {"HX-Request", "true"}} {
			a := ask(t, sam, method, unknownKey, headers...)
			a.want(http.StatusNotFound, "There is nothing here, or it is not yours to see.")
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
		if a := sam.fetch("/settings/api-keys?revoked=" + id); strings.Contains(a.body, "notice") {
			t.Errorf("the list tells of %s:\n%s", id, a.body)
		}
	}
	for _, key := range []string{foreign, colleagues} {
		if a := s.verify(t, key); a.status != http.StatusNoContent {
			t.Errorf("a key that nobody may revoke gets %d", a.status)
		}
	}
}
