package web

import (
	"fmt"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

// nextTricks are targets that lead off the host or are not paths.
var nextTricks = []string{
	"//evil.example", "//evil.example/settings", "///evil.example", "/\\evil.example", "\\\\evil.example",
	"\\/evil.example", "/\t/evil.example",
	"/\n/evil.example", "/%09/evil.example", "/%0a/evil.example", "/%5cevil.example", "/%2fevil.example",
	"%2f%2fevil.example",
	"https:evil.example", "https:/evil.example", "https://evil.example", "HTTPS://evil.example",
	"http://localhost@evil.example",
	"javascript:alert(1)", "JaVaScRiPt:alert(1)", " javascript:alert(1)", "data:text/html,x", "evil.example",
	"@evil.example", ":80", "?x", "#x",
	" //evil.example", "\x00//evil.example", "/\x00/evil.example", "/.//evil.example", "/..//evil.example",
	"/x/..//evil.example", "//", "/\r\nSet-Cookie: x=y",
	"/\u2028/evil.example", "/\ufeff//evil.example", "//evil%E3%80%82example", "http:///evil.example",
	"//localhost:1/", "/settings/../..//evil.example",
}

// leadsOff reports whether a browser at base leaves the host when it follows
// location. It reads location as WHATWG's URL standard does: without tabs and
// line breaks, and with "\" as "/".
func leadsOff(t testing.TB, base, location string) bool {
	t.Helper()
	read := strings.TrimFunc(location, func(r rune) bool { return r <= ' ' })
	read = strings.NewReplacer("\t", "", "\n", "", "\r", "", "\\", "/").Replace(read)
	from, err := url.Parse(base)
	if err != nil {
		t.Fatal(err)
	}
	to, err := from.Parse(read)
	return err != nil || to.Scheme != from.Scheme || to.Host != from.Host || to.User != nil
}

func TestNextStaysOnTheHost(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	dana := s.newOwner(t)
	for _, next := range nextTricks {
		t.Run(fmt.Sprintf("%q", next), func(t *testing.T) {
			dana := dana.in(t)
			a := dana.fetch("/sign-in?" + fields("next", next).Encode()).want(http.StatusSeeOther)
			if leadsOff(t, testBase, a.location()) {
				t.Errorf("who is signed in is led to %q", a.location())
			}
			form := s.newClient(t).fetch("/sign-in?" + fields("next", next).Encode()).want(http.StatusOK)
			for _, found := range regexp.MustCompile(`name="next" value="([^"]*)"`).FindAllStringSubmatch(form.body,
				-1) {
				if hidden := html.UnescapeString(found[1]); leadsOff(t, testBase, hidden) {
					t.Errorf("the form carries %q on", hidden)
				}
			}
		})
	}
	for _, next := range nextTricks { // one test by one, as each costs a password's hash
		a := dana.post("/sign-in", fields("email", testOwner, "password", testPassword, "next", next)).
			want(http.StatusSeeOther)
		if leadsOff(t, testBase, a.location()) {
			t.Errorf("signing in with next=%q leads to %q", next, a.location())
		}
	}
	for _, next := range []string{"/settings/api-keys?state=revoked", "/settings/api-keys/new"} {
		if a := dana.fetch("/sign-in?" + fields("next", next).Encode()); a.location() != next {
			t.Errorf("next=%s leads to %q", next, a.location())
		}
	}
	tricks := []string{
		"//evil.example",
		"https://evil.example/?state=revoked",
		"javascript:alert(1)",
		"/\\evil.example",
	}
	for _, back := range tricks { // of the question before a key is revoked
		name := "asked for " + back
		dana.addKey(name)
		id := dana.keyID(name)
		ask := dana.fetch("/settings/api-keys/" + id + "/revoke?" + fields("back", back).Encode()).want(http.StatusOK)
		if strings.Contains(ask.unescaped(), `"`+back) {
			t.Errorf("back=%q is a link:\n%s", back, ask.unescaped())
		}
		a := dana.post("/settings/api-keys/"+id+"/revoke", fields("back", back))
		if leadsOff(t, testBase, a.location()) {
			t.Errorf("back=%q leads to %q", back, a.location())
		}
	}
}
