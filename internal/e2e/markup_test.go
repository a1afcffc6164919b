package e2e

import (
	"crypto/sha256"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var tagName = regexp.MustCompile(`</?([a-zA-Z][a-zA-Z0-9]*)`)

func tags(a answer) (names []string) {
	for _, found := range tagName.FindAllStringSubmatch(a.body, -1) {
		names = append(names, found[1])
	}
	return names
}

// TestTextIsText has pages show names that look like markup: they must have the
// same elements as with a tame one.
func TestTextIsText(t *testing.T) {
	t.Parallel()
	wild := []string{
		`"><img src=x onerror=alert(1)>`, `<script>alert(1)</script>`, `' onmouseover='alert(1)`, `</title><b>bold`,
		`{{7*7}}`, `${7*7}<%= 7*7 %>`, `&lt;b&gt;`, `javascript:alert(1)`, "a\u2028</script>", `submit`, `--><svg/onload=alert(1)>`,
	}
	s := start(t, sqliteFile(t))
	dana := s.setUp(t)
	dana.addKey("first") // so that every list below has a key before it
	dana.revoke(dana.keyID("first"))
	pages := func(t *testing.T, name string) []answer {
		dana := dana.in(t)
		nonce := fmt.Sprintf("nonce %x", sha256.Sum256([]byte(name)))[:40]
		once := dana.want(dana.post("/settings/api-keys", keyForm(name, nonce)), http.StatusCreated)
		again := dana.want(dana.post("/settings/api-keys", keyForm(name, nonce)), http.StatusConflict)
		refused := dana.want(dana.post("/settings/api-keys", fields("name", name, "expires", "never")), http.StatusUnprocessableEntity)
		list := dana.want(dana.get("/settings/api-keys"), http.StatusOK)
		id := dana.keyID(name)
		ask := dana.want(dana.get("/settings/api-keys/"+id+"/revoke"), http.StatusOK)
		asked := dana.want(dana.get("/settings/api-keys/"+id+"/revoke", "HX-Request", "true"), http.StatusOK)
		back := dana.revoke(id).location()
		notice := dana.want(dana.get(back), http.StatusOK)
		revoked := dana.want(dana.get("/settings/api-keys?state=revoked"), http.StatusOK)
		dead := dana.want(dana.get("/settings/api-keys/"+id+"/revoke"), http.StatusOK)
		if key := dana.keyIn(once); key == "" {
			t.Fatal("no key")
		}
		return []answer{once, again, refused, list, ask, asked, notice, revoked, dead}
	}
	tame := pages(t, "tame")
	row := tags(tame[7]) // the tab of revoked keys grows by a row each time
	for _, name := range wild {
		t.Run(name, func(t *testing.T) {
			for i, a := range pages(t, name) {
				if !strings.Contains(a.text(), name) {
					t.Errorf("page %d does not show %q:\n%s", i, name, a.body)
				}
				if strings.ContainsAny(name, `<>"'`) && strings.Contains(a.body, name) {
					t.Errorf("page %d has %q as it is:\n%s", i, name, a.body)
				}
				if i != 7 && !slices.Equal(tags(a), tags(tame[i])) {
					t.Errorf("page %d has other elements with the name %q:\n%s", i, name, a.body)
				}
			}
			revoked := tags(dana.in(t).get("/settings/api-keys?state=revoked"))
			for _, tag := range revoked {
				if !slices.Contains(row, tag) {
					t.Errorf("the tab of revoked keys has a new element %q", tag)
				}
			}
		})
	}
}
