package web

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// formCase is a form with one error.
type formCase struct {
	name, field, value string
	says               string
}

var slugCases = []formCase{
	{"no slug", "slug", "", "Choose an address"},
	{"short slug", "slug", "ab", "Use 3 to 40"},
	{"long slug", "slug", strings.Repeat("a", 41), "Use 3 to 40"},
	{"hyphen at an end", "slug", "acme-", "Use 3 to 40"},
	{"dot", "slug", "a.b.c", "Use 3 to 40"},
	{"slash", "slug", "a/b", "Use 3 to 40"},
	{"line break after", "slug", "acme\n", "Use 3 to 40"},
	{"reserved slug", "slug", "api", "reserved"},
}

func TestSetupFormRefusesBadInput(t *testing.T) {
	t.Parallel()
	cases := append([]formCase{
		{"no workspace name", "workspace_name", " ", "Give the workspace a name"},
		{"long workspace name", "workspace_name", strings.Repeat("é", 101), "at most 100"},
		{"control in the workspace name", "workspace_name", "Ac\u0007me", "control characters"},
		{"long name", "name", strings.Repeat("é", 101), "at most 100"},
		{"no e-mail", "email", "", "Enter an e-mail"},
		{"no address", "email", "dana", "does not look like"},
		{"two lines", "email", "dana@acme.example\r\nBcc: x@y.example", "does not look like"},
		{"a name with it", "email", "Dana <dana@acme.example>", "does not look like"},
		{"endless e-mail", "email", strings.Repeat("d", 255) + "@acme.example", "does not look like"},
		{"NUL in the e-mail", "email", "da\x00na@acme.example", "does not look like"},
		{"short password", "password", "elevenchars", ""},
		{"common password", "password", "password1234", ""},
		{"the workspace's name as password", "password", "acmeacmeacme", ""},
		{"endless password", "password", strings.Repeat("pass word", 100), ""},
	}, slugCases...)
	s := newTestServer(t)
	browser := s.newClient(t)
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			form := setupForm(s.setupToken(t))
			form.Set(c.field, c.value)
			a := browser.in(t).post("/setup", form)
			a.want(http.StatusUnprocessableEntity, c.says)
			tied := regexp.MustCompile(`aria-describedby="([^"]* )?` + c.field + `-error"`)
			if !strings.Contains(a.body, `id="`+c.field+`-error"`) || !tied.MatchString(a.body) {
				t.Errorf("the message is not tied to its field:\n%s", a.body)
			}
			if strings.Contains(a.unescaped(), form.Get("password")) {
				t.Error("the password comes back")
			}
			for name, values := range form {
				typed := values[0]
				if name != "password" && typed != "" && returns(typed) &&
					!strings.Contains(a.unescaped(), `value="`+typed+`"`) {
					t.Errorf("what was typed as %s is gone:\n%s", name, a.body)
				}
			}
			if a.header["Set-Cookie"] != nil {
				t.Errorf("a cookie is set: %s", a.header["Set-Cookie"])
			}
		})
	}
	for _, table := range []string{"workspaces", "users", "members", "events", "sessions"} {
		if n := s.count(t, `SELECT COUNT(*) FROM `+table); n != 0 {
			t.Errorf("%d rows in %s", n, table)
		}
	}
	s.newOwner(t) // the link is as good as before
}

func TestSetupTokenWorksOnce(t *testing.T) {
	t.Parallel()
	onBothEngines(t, testSetupTokenWorksOnce)
}

func testSetupTokenWorksOnce(t *testing.T, s *testServer) {
	stranger := s.newClient(t)
	for _, token := range []string{"", "x", s.setupToken(t)[1:], s.setupToken(t) + "A", "\x00", "\xff"} {
		wrong := stranger.fetch("/setup?token="+url.QueryEscape(token)).
			want(http.StatusForbidden, "set-up link is not right")
		if strings.Contains(wrong.body, "<form") {
			t.Error("a wrong link shows the form")
		}
		stranger.post("/setup", setupForm(token)).want(http.StatusForbidden, "set-up link is not right")
	}
	statuses := make([]int, 4)
	together(len(statuses), func(i int) {
		form := setupForm(s.setupToken(t))
		form.Set("slug", "acme"+string(rune('a'+i)))
		statuses[i] = s.newClient(t).post("/setup", form).status
	})
	slices.Sort(statuses)
	if !slices.Equal(statuses, []int{http.StatusSeeOther, http.StatusGone, http.StatusGone, http.StatusGone}) {
		t.Errorf("four set-ups at once: %v", statuses)
	}
	for _, token := range []string{s.setupToken(t), "x", ""} {
		stranger.fetch("/setup?token="+url.QueryEscape(token)).want(http.StatusGone, "Sign in")
		stranger.post("/setup", setupForm(token)).want(http.StatusGone, "Sign in")
	}
	if n := s.count(t, `SELECT COUNT(*) FROM workspaces`); n != 1 {
		t.Errorf("%d workspaces", n)
	}
}

func TestSetupFormRefusesAnEmailThatIsNoText(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	browser := s.newClient(t)
	form := setupForm(s.setupToken(t))
	form.Set("email", "da\xffna@acme.example")
	browser.post("/setup", form).want(http.StatusUnprocessableEntity, "does not look like an e-mail address")
}

// TestSetupFoldsTheSlug enters a slug in capitals.
func TestSetupFoldsTheSlug(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	c := s.newClient(t)
	form := setupForm(s.setupToken(t))
	form.Set("slug", "ACME")
	c.post("/setup", form).want(http.StatusSeeOther)
	at := c.at("acme")
	at.fetch("/sign-in").want(http.StatusOK, "Sign in")
}
