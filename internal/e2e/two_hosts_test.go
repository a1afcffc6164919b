package e2e

import (
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/network"
)

var pageLink = regexp.MustCompile(`href="(/[^"#]*)"`)

// everyPage asks for every page that links lead to, and returns them by their
// addresses.
func (c *client) everyPage(from string) map[string]string {
	c.t.Helper()
	pages, next := map[string]string{}, []string{from}
	for len(next) > 0 {
		path := next[0]
		next = next[1:]
		if _, seen := pages[path]; seen || strings.HasPrefix(path, "/static/") {
			continue
		}
		a := c.get(path)
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

// TestTwoHosts uses two workspaces of one server in one browser and in two:
// nothing of one shows in the other.
func TestTwoHosts(t *testing.T) {
	t.Parallel()
	onBothEngines(t, func(t *testing.T, database string) {
		s := start(t, database)
		s.setUp(t)
		s.addSam(t, "developer")
		s.addBeta(t)
		dana, ben := s.signInAt(t, "acme", danaEmail, danaPassword), s.signInAt(t, "beta", benEmail, benPassword)
		for c, name := range map[*client]string{dana: "acme-secret-name", ben: "beta-secret-name"} {
			c.addKey(name)
			c.addServiceAccount("robot of "+name, "developer")
			c.invite(name+"@side.example", "developer")
		}
		ids := func(slug string) (all []string) {
			for _, query := range []string{
				`SELECT k.id FROM keys k JOIN workspaces w ON w.id = k.workspace_id WHERE w.slug = $1`,
				`SELECT m.user_id FROM members m JOIN workspaces w ON w.id = m.workspace_id WHERE w.slug = $1 ORDER BY m.user_id`,
				`SELECT i.id FROM invitations i JOIN workspaces w ON w.id = i.workspace_id WHERE w.slug = $1`,
				`SELECT id FROM workspaces WHERE slug = $1`,
			} {
				all = append(all, value[string](t, database, query, slug))
			}
			return all
		}
		look := func(c *client, own, other string, foreign []string) {
			t.Helper()
			pages := c.everyPage("/")
			if len(pages) < 12 || !slices.ContainsFunc(slices.Collect(maps.Values(pages)), func(body string) bool { return strings.Contains(body, own+"-secret-name") }) {
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
		look(dana, "acme", "beta", append(betas, benEmail))
		look(ben, "beta", "acme", append(acmes, danaEmail, samEmail))
		for _, id := range betas {
			for _, path := range []string{"/settings/api-keys/" + id + "/revoke", "/settings/members/" + id, "/settings/members/" + id + "/remove", "/settings/sign-on/" + id} {
				if foreign, unknown := dana.get(path), dana.get(strings.Replace(path, id, id[:len(id)-4]+"0000", 1)); foreign.status != http.StatusNotFound || foreign.status != unknown.status {
					t.Errorf("%s gets %d, and one that is not there %d", path, foreign.status, unknown.status)
				}
			}
		}
	})
}

// TestCookiesStayAtTheirHost signs in to two workspaces in one browser: it
// sends neither's cookie to the other.
func TestCookiesStayAtTheirHost(t *testing.T) {
	t.Parallel()
	s := start(t, sqliteFile(t))
	s.setUp(t)
	s.addBeta(t)
	p := s.open(t, desktop)
	at := func(slug string) string { return strings.Replace(s.url, "://", "://"+slug+".", 1) }
	p.goTo(at("acme") + "/sign-in")
	fillSignIn(p, danaEmail, danaPassword)
	p.see("No API keys yet")
	acme := call(p, network.GetCookies, network.GetCookiesParams{URLs: []string{at("acme")}}).Cookies
	if theirs := call(p, network.GetCookies, network.GetCookiesParams{URLs: []string{at("beta"), s.url}}).Cookies; len(theirs) > 0 || len(acme) < 2 {
		t.Errorf("%d cookies at acme, of which %d would go elsewhere", len(acme), len(theirs))
	}
	for _, c := range acme {
		if u, _ := url.Parse(at("acme")); c.Domain != u.Hostname() || !c.HTTPOnly {
			t.Errorf("the cookie %s is for %s, HttpOnly %v", c.Name, c.Domain, c.HTTPOnly)
		}
	}
	p.goTo(at("beta") + "/settings/api-keys")
	p.see("Sign in")
	fillSignIn(p, benEmail, benPassword)
	p.see("No API keys yet")
	p.goTo(at("acme") + "/account/security")
	p.see("You sign in as " + danaEmail)
	p.goTo(at("beta") + "/account/security")
	p.see("You sign in as " + benEmail)
}
