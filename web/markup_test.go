package web

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

func tags(a *page) (names []string) {
	for _, found := range tagName.FindAllStringSubmatch(a.body, -1) {
		names = append(names, found[1])
	}
	return names
}

// TestTextIsText shows names that look like markup. The pages must have the
// same elements as with plain names.
func TestTextIsText(t *testing.T) {
	t.Parallel()
	wild := []string{
		`"><img src=x onerror=alert(1)>`, `<script>alert(1)</script>`, `' onmouseover='alert(1)`, `</title><b>bold`,
		`{{7*7}}`, `${7*7}<%= 7*7 %>`, `&lt;b&gt;`, `javascript:alert(1)`, "a\u2028</script>", `submit`,
		`--><svg/onload=alert(1)>`,
	}
	s := newTestServer(t)
	dana := s.newOwner(t)
	dana.addKey("first") // so that every list below has a key before it
	dana.revoke(dana.keyID("first"))
	pages := func(t *testing.T, name string) []*page {
		dana := dana.in(t)
		nonce := fmt.Sprintf("nonce %x", sha256.Sum256([]byte(name)))[:40]
		once := dana.post("/settings/api-keys", addKeyForm(name, nonce)).want(http.StatusCreated)
		again := dana.post("/settings/api-keys", addKeyForm(name, nonce)).want(http.StatusConflict)
		refused := dana.post("/settings/api-keys", fields("name", name, "expires", "never")).
			want(http.StatusUnprocessableEntity)
		list := dana.fetch("/settings/api-keys").want(http.StatusOK)
		id := dana.keyID(name)
		ask := dana.fetch("/settings/api-keys/" + id + "/revoke").want(http.StatusOK)
		asked := dana.fetch("/settings/api-keys/"+id+"/revoke", "HX-Request", "true").want(http.StatusOK)
		back := dana.revoke(id).location()
		notice := dana.fetch(back).want(http.StatusOK)
		revoked := dana.fetch("/settings/api-keys?state=revoked").want(http.StatusOK)
		dead := dana.fetch("/settings/api-keys/" + id + "/revoke").want(http.StatusOK)
		if key := dana.keyIn(once); key == "" {
			t.Fatal("no key")
		}
		return []*page{once, again, refused, list, ask, asked, notice, revoked, dead}
	}
	tame := pages(t, "tame")
	row := tags(tame[7]) // the tab of revoked keys grows by a row each time
	for _, name := range wild {
		t.Run(name, func(t *testing.T) {
			for i, a := range pages(t, name) {
				if !strings.Contains(a.unescaped(), name) {
					t.Errorf("page %d does not show %q:\n%s", i, name, a.body)
				}
				if strings.ContainsAny(name, `<>"'`) && strings.Contains(a.body, name) {
					t.Errorf("page %d has %q as it is:\n%s", i, name, a.body)
				}
				if i != 7 && !slices.Equal(tags(a), tags(tame[i])) {
					t.Errorf("page %d has other elements with the name %q:\n%s", i, name, a.body)
				}
			}
			revoked := tags(dana.in(t).fetch("/settings/api-keys?state=revoked"))
			for _, tag := range revoked {
				if !slices.Contains(row, tag) {
					t.Errorf("the tab of revoked keys has a new element %q", tag)
				}
			}
		})
	}
}
