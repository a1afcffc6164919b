package web

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
)

var textarea = regexp.MustCompile(`(?s)<textarea[^>]* name="([a-z_]+)"[^>]*>(.*?)</textarea>`)

func TestWhatTheFormRestrictsAKeyTo(t *testing.T) {
	t.Parallel()
	const key = "(a key)" // stands for a good one
	cases := []struct {
		name string
		form []string // fields and values in turn
		bad  []string // the fields that are marked; none: the key is made
	}{
		{"nothing", nil, nil},
		{"full access", []string{"access", "full"}, nil},
		{"empty fields", []string{"access", "full", "scope", "", "allow_from", "", "rate_limit", ""}, nil},
		{"blank fields", []string{"access", "full", "scope", " ", "allow_from", "\r\n", "rate_limit", " "}, nil},
		{"scopes alone", []string{"scope", "a:read"}, nil},
		{"several scopes", []string{"access", "restricted", "scope", "a:read, b:write\r\nc"}, nil},
		{"the field repeated", []string{"access", "restricted", "scope", "a:read", "scope", "b:write"}, nil},
		{"an address and networks", []string{"allow_from", "192.0.2.7, 198.51.100.0/24\r\n2001:db8::/32"}, nil},
		{"a rate", []string{"rate_limit", " 100/1m "}, nil},
		{"restricted to no scope", []string{"access", "restricted"}, []string{"scope"}},
		{"restricted to commas", []string{"access", "restricted", "scope", " ,, "}, []string{"scope"}},
		{"full access and scopes", []string{"access", "full", "scope", "a:read"}, []string{"scope"}},
		{"an unknown access", []string{"access", "none"}, []string{"access"}},
		{"an unknown scope of Keylodge’s", []string{"access", "restricted", "scope", "keys:<all>"}, []string{"scope"}},
		{"no scope", []string{"access", "restricted", "scope", `a"b`}, []string{"scope"}},
		{"no address", []string{"allow_from", "example.com"}, []string{"allow_from"}},
		{"an address in a network", []string{"allow_from", "10.0.0.1/8"}, []string{"allow_from"}},
		{"no rate", []string{"rate_limit", "often"}, []string{"rate_limit"}},
		{"no request", []string{"rate_limit", "0/1m"}, []string{"rate_limit"}},
		{
			"all of it",
			[]string{"access", "restricted", "scope", "a b é", "allow_from", "x\r\ny", "rate_limit", "100"},
			[]string{"scope", "allow_from", "rate_limit"},
		},
		{
			"a name beside",
			[]string{"name", "a\tb", "access", "restricted", "scope", "a:read", "allow_from", "::1"},
			[]string{"name"},
		},
		{"a key as a scope", []string{"access", "restricted", "scope", "a:read keys:" + key}, []string{"scope"}},
		{"a key as a scope of full access", []string{"access", "full", "scope", key}, []string{"scope"}},
		{"a key as an address", []string{"allow_from", "::1 " + key}, []string{"allow_from"}},
		{"a key as a rate", []string{"rate_limit", key}, []string{"rate_limit"}},
		{"a key as a date", []string{"expires", "date", "expires_at", key}, []string{"expires_at"}},
		{"a key as an access", []string{"access", key}, []string{"access"}},
	}
	s := newTestServer(t)
	dana := s.newOwner(t)
	good := dana.addKey("good")
	made := 1
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			dana := dana.in(t)
			form := addKeyForm("a name", "nonce of "+c.name)
			for name := range fields(c.form...) {
				form.Del(name)
			}
			for i := 0; i < len(c.form); i += 2 {
				form.Add(c.form[i], strings.Replace(c.form[i+1], key, good, 1))
			}
			a := dana.post("/settings/api-keys", form)
			if c.bad == nil {
				made++
				a.want(http.StatusCreated)
				return
			}
			a.want(http.StatusUnprocessableEntity)
			marked := regexp.MustCompile(`id="([a-z_]+)-error"`).FindAllStringSubmatch(a.body, -1)
			for i, m := range marked {
				if len(marked) != len(c.bad) || m[1] != c.bad[i] {
					t.Fatalf("marked: %v", marked)
				}
			}
			if len(marked) == 0 {
				t.Errorf("nothing is marked:\n%s", a.text())
			}
			if keyShape.MatchString(a.body) {
				t.Error("the refused form shows a key")
			}
			if c.bad[0] != "expires_at" && !a.has("details[open]") {
				t.Error("what is wrong is out of sight")
			}
			for _, found := range textarea.FindAllStringSubmatch(a.unescaped(), -1) {
				typed := strings.ReplaceAll(strings.Join(form[found[1]], " "), "\r\n", "\n")
				if got := strings.ReplaceAll(found[2], "\r\n", "\n"); got != typed && !strings.Contains(typed, good) {
					t.Errorf("%q was typed and is %q", typed, got)
				}
			}
			if rate := form.Get("rate_limit"); rate != "" && rate != good &&
				!strings.Contains(a.body, `value="`+rate+`"`) {
				t.Errorf("%q was typed and is gone", rate)
			}
			if access := form.Get("access"); access == "restricted" &&
				!strings.Contains(a.body, `value="restricted" checked`) {
				t.Error("the choice of access is gone")
			}
		})
	}
	if n := s.count(t, `SELECT COUNT(*) FROM keys`); n != made {
		t.Errorf("%d keys instead of %d", n, made)
	}
}

// TestFormMakesTheKeyThatItSays adds a key for each limit and verifies it
// within and beyond the limit.
func TestFormMakesTheKeyThatItSays(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	dana := s.newOwner(t)
	for _, c := range []struct {
		name, once, list string
		form             []string
		asked            map[string]int // the status by the query of /verify
	}{
		{"full access", "", "", []string{"access", "full"},
			map[string]int{"": 204, "?scope=a:read": 204, "?scope=a:read+b:write": 204}},
		{"scopes", "Restricted to a:read, b:write.", "a:read, b:write", []string{"access", "restricted", "scope",
			"b:write,a:read"},
			map[string]int{"": 204, "?scope=a:read": 204, "?scope=a:read+b:write": 204, "?scope=c": 403,
				"?scope=a:read&scope=c": 403}},
		{"many scopes", "Restricted to a, b, c, d · 500/1h on each node.", "a, b +2 · 500/1h", []string{"access",
			"restricted", "scope", "a b c d", "rate_limit", "500/h"},
			map[string]int{"?scope=d": 204, "?scope=e": 403}},
		{"from here", "Full access · from 127.0.0.1.", "127.0.0.1", []string{"access", "full", "allow_from",
			"127.0.0.1"},
			map[string]int{"": 204, "?scope=a:read": 204}},
		{"from elsewhere", "Full access · from 192.0.2.0/24, 2001:db8::/32.", "2 networks", []string{"access", "full",
			"allow_from", "192.0.2.0/24\r\n2001:db8::/32"},
			map[string]int{"": 403}},
	} {
		t.Run(c.name, func(t *testing.T) {
			dana := dana.in(t)
			form := addKeyForm(c.name, "nonce of "+c.name)
			for i := 0; i < len(c.form); i += 2 {
				form.Add(c.form[i], c.form[i+1])
			}
			a := dana.post("/settings/api-keys", form).want(http.StatusCreated, c.once)
			if c.once == "" && strings.Contains(a.unescaped(), "Restricted to") {
				t.Errorf("a key with full access is restricted:\n%s", a.text())
			}
			for query, status := range c.asked {
				got := s.newClient(t).fetch("/verify"+query, "Authorization", "Bearer "+dana.keyIn(a)).status
				if got != status {
					t.Errorf("/verify%s: %d instead of %d", query, got, status)
				}
			}
			list := dana.fetch("/settings/api-keys")
			row := list.unescaped()[strings.Index(list.unescaped(), `>`+c.name+`</a>`):]
			head, _, _ := strings.Cut(row, "</th>")
			if c.list == "" && strings.Contains(head, "sub") {
				t.Errorf("the row of a key with full access has limits: %s", head)
			}
			if c.list != "" && !strings.Contains(head, `title="`+strings.TrimSuffix(c.once, ".")+`">`+c.list+`<`) {
				t.Errorf("the row has no limits %q: %s", c.list, head)
			}
		})
	}
	key := dana.keyIn(dana.post("/settings/api-keys",
		fields("name", "rare", "expires", "never", "nonce", "rare", "rate_limit", "1/24h")))
	if first, second := s.verify(t, key).status, s.verify(t, key).status; first != 204 || second != 429 {
		t.Errorf("once a day: %d, then %d", first, second)
	}
}
