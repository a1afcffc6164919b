package web

import (
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var pageLink = regexp.MustCompile(`href="(/[^"#]*)"`)

// everyPage requests every page that links lead to, and returns the bodies by
// URL.
func (c *client) everyPage(from string) map[string]string {
	c.t.Helper()
	pages, next := map[string]string{}, []string{from}
	for len(next) > 0 {
		path := next[0]
		next = next[1:]
		if _, seen := pages[path]; seen || strings.HasPrefix(path, "/static/") {
			continue
		}
		a := c.fetch(path)
		pages[path] = a.body
		if a.status == http.StatusSeeOther {
			next = append(next, a.location())
		}
		for _, link := range pageLink.FindAllStringSubmatch(a.body, -1) {
			next = append(next, strings.ReplaceAll(link[1], "&amp;", "&"))
		}
	}
	return pages
}

// TestTwoHosts uses two workspaces of one server, in one browser and in two.
// Nothing of one may show in the other.
func TestTwoHosts(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	s.newOwner(t)
	s.addSam(t, "developer")
	s.addBeta(t)
	dana, ben := s.signInAt(t, "acme", testOwner), s.signInAt(t, "beta", benEmail)
	for c, name := range map[*client]string{dana: "acme-secret-name", ben: "beta-secret-name"} {
		c.addKey(name)
		c.addServiceAccount("robot of "+name, "developer")
		c.invite(name+"@side.example", "developer")
	}
	ids := func(slug string) (all []string) {
		for _, query := range []string{
			`SELECT k.id FROM keys k JOIN workspaces w ON w.id = k.workspace_id WHERE w.slug = $1`,
			`SELECT m.user_id FROM members m JOIN workspaces w ON w.id = m.workspace_id
				WHERE w.slug = $1 ORDER BY m.user_id`,
			`SELECT i.id FROM invitations i JOIN workspaces w ON w.id = i.workspace_id WHERE w.slug = $1`,
			`SELECT id FROM workspaces WHERE slug = $1`,
		} {
			all = append(all, value[string](t, s, query, slug))
		}
		return all
	}
	checkPages := func(c *client, own, other string, foreign []string) {
		t.Helper()
		pages := c.everyPage("/")
		if len(pages) < 12 ||
			!slices.ContainsFunc(slices.Collect(maps.Values(pages)),
				func(body string) bool { return strings.Contains(body, own+"-secret-name") }) {
			t.Errorf("%d pages of %s were found, or none with its key", len(pages), own)
		}
		for path, body := range pages {
			for _, hidden := range append(foreign, other+"-secret-name", "//"+other+".") {
				if strings.Contains(body, hidden) {
					t.Errorf("%s of %s shows %q", path, own, hidden)
				}
			}
		}
	}
	acmes, betas := ids("acme"), ids("beta")
	checkPages(dana, "acme", "beta", append(betas, benEmail))
	checkPages(ben, "beta", "acme", append(acmes, testOwner, samEmail))
	for _, id := range betas {
		for _, path := range []string{"/settings/api-keys/" + id + "/revoke", "/settings/members/" + id,
			"/settings/members/" + id + "/remove", "/settings/sign-on/" + id} {
			foreign, unknown := dana.fetch(path), dana.fetch(strings.Replace(path, id, id[:len(id)-4]+"0000", 1))
			if foreign.status != http.StatusNotFound || foreign.status != unknown.status {
				t.Errorf("%s gets %d, and one that is not there %d", path, foreign.status, unknown.status)
			}
		}
	}
}
