package web

import (
	"fmt"
	"html"
	"net/http"
	"regexp"
	"strings"
	"testing"
)

func TestListURLWithNonsense(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	s.newOwner(t)
	s.addBeta(t)
	dana, ben := s.signInAt(t, "acme", testOwner), s.signInAt(t, "beta", benEmail)
	dana.addKey("Dana’s")
	for i := range 52 { // more than a page
		ben.post("/settings/api-keys", addKeyForm(fmt.Sprint("Ben’s ", i), fmt.Sprint(i))).want(http.StatusCreated)
	}
	next := regexp.MustCompile(`rel="next" href="([^"]+)"`).FindStringSubmatch(ben.fetch("/settings/api-keys").body)
	if next == nil {
		t.Fatal("52 keys are on one page")
	}
	cursor := strings.TrimPrefix(html.UnescapeString(next[1]), "/settings/api-keys?after=")
	for _, query := range []string{
		"state=nonsense", "state=", "state=ACTIVE", "state=%00", "state=%ff", "state=active&state=revoked",
		"state=';--", "after=x", "after=%00.%00",
		"after=zzzzzzzzzzzzz." + unknownKey, "after=-zzzzzzzzzzz." + unknownKey, "after=." + unknownKey, "before=x",
		"after=1&before=1",
		"sort=%27", "q=" + strings.Repeat("q", 5000), "page=-1", "limit=9223372036854775807", "limit=-1", "revoked=x",
		"revoked=%00", "%zz=1", "a;b",
		"after=" + cursor, "before=" + cursor, "before=" + cursor + "&state=revoked", "state=expired&after=" + cursor,
	} {
		t.Run(query, func(t *testing.T) {
			a := dana.in(t).fetch("/settings/api-keys?"+query).want(http.StatusOK, "API keys")
			if strings.Contains(a.body, "Ben") || len(dana.keyIDs()) != 1 {
				t.Errorf("the list shows what is not there:\n%s", a.body)
			}
		})
	}
	dana.fetch("/settings/api-keys?state=nonsense").want(http.StatusOK, "Dana’s")
}
