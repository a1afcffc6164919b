package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
)

func TestCookies(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, prefix string
		secure       bool
		base         string
	}{
		{"http", "", false, "http://localhost"},
		{"https", "__Host-", true, "https://keys.example.com"},
	} {
		t.Run(c.name, func(t *testing.T) {
			base, err := url.Parse(c.base)
			if err != nil {
				t.Fatal(err)
			}
			s := newTestServer(t, func(config *Config) { config.BaseURL = base })
			browser := s.newClient(t)
			browser.host = base.Host
			setUp := browser.post("/setup", setupForm(s.setupToken(t))).want(http.StatusSeeOther)
			session := c.prefix + "session=" + setCookies(setUp)[c.prefix+"session"].Value
			another := s.newClient(t)
			another.host = base.Host
			signIn := another.post("/sign-in", signInForm(testOwner, testPassword)).want(http.StatusSeeOther)
			once := browser.post("/settings/api-keys", addKeyForm("k", "n"), "Cookie", session).want(http.StatusCreated)
			list := browser.fetch("/settings/api-keys", "Cookie", session).want(http.StatusOK)
			out := browser.post("/sign-out", nil, "Cookie", session).want(http.StatusSeeOther)
			seen := map[string]bool{}
			for _, a := range []*page{setUp, signIn, once, list, out} {
				for name, cookie := range setCookies(a) {
					seen[name] = true
					if !cookie.HttpOnly || cookie.SameSite != http.SameSiteLaxMode || cookie.Path != "/" ||
						cookie.Secure != c.secure ||
						cookie.Domain != "" {
						t.Errorf("a cookie is not as it should be: %s", cookie.Raw)
					}
					if !strings.HasPrefix(name, c.prefix) || len(cookie.Raw) > 4096 {
						t.Errorf("the name or size of a cookie: %s", cookie.Raw)
					}
				}
				hsts := a.header.Get("Strict-Transport-Security")
				if c.secure != (hsts == "max-age=63072000; includeSubDomains") || !c.secure && hsts != "" {
					t.Errorf("HSTS: %q", hsts)
				}
			}
			for _, name := range []string{"session", "device", "shown"} {
				if !seen[c.prefix+name] {
					t.Errorf("no cookie %s%s", c.prefix, name)
				}
			}
			if cookie := setCookies(signIn)[c.prefix+"session"]; cookie.MaxAge != 0 || !cookie.Expires.IsZero() {
				t.Errorf("the session outlives the browser: %s", cookie.Raw)
			}
			if c.secure { // a name without the prefix, which a subdomain could set, is nothing
				a := browser.fetch("/settings/api-keys", "Cookie", strings.TrimPrefix(session, "__Host-"))
				a.want(http.StatusSeeOther)
			}
		})
	}
}
