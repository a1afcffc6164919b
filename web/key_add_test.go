package web

import (
	"net/http"
	"strings"
	"testing"
)

// TestTwoFormsMakeTwoKeys shows that only a form that is sent twice adds one
// key.
func TestTwoFormsMakeTwoKeys(t *testing.T) {
	t.Parallel()
	s := newTestServer(t)
	c := s.newOwner(t)
	first, second := c.addKey("CI deploy"), c.addKey("CI deploy")
	if first == second {
		t.Error("two forms gave one key")
	}
	c.fetch("/settings/api-keys").want(http.StatusOK, "2 active keys")
}

func TestWhatTheFormOfAKeyTakes(t *testing.T) {
	t.Parallel()
	key := "kl_00000000000000000000000000000000" // completed by a good one below
	cases := []struct {
		name  string
		field string
		value string
		bad   string // the field that is marked; empty: the key is made
	}{
		{"100 Latin letters", "name", strings.Repeat("n", 100), ""},
		{"100 kana", "name", strings.Repeat("デ", 100), ""},
		{"100 emoji", "name", strings.Repeat("🔑", 100), ""},
		{"100 Arabic letters", "name", strings.Repeat("م", 100), ""},
		{"100 and spaces around", "name", "  " + strings.Repeat("t", 100) + "\t\n", ""},
		{"no name", "name", "", ""},
		{"only spaces", "name", " \t ", ""},
		{"101 Latin letters", "name", strings.Repeat("n", 101), "name"},
		{"101 kana", "name", strings.Repeat("デ", 101), "name"},
		{"101 emoji", "name", strings.Repeat("🔑", 101), "name"},
		{"101 Devanagari letters", "name", strings.Repeat("क", 101), "name"},
		{"tab inside", "name", "CI\tdeploy", "name"},
		{"line break inside", "name", "CI\ndeploy", "name"},
		{"CR LF and a header", "name", "CI\r\nX-Evil: 1", "name"},
		{"NUL", "name", "CI\x00deploy", "name"},
		{"escape sequence", "name", "\x1b[31mCI", "name"},
		{"C1 control", "name", "CI\u0085deploy", "name"},
		{"right-to-left override", "name", "CI\u202eyolped", "name"},
		{"not UTF-8", "name", "CI\xffdeploy", "name"},
		{"a key", "name", key, "name"},
		{"0 days", "expires", "0d", "expires"},
		{"fewer than none", "expires", "-1d", "expires"},
		{"days beyond int64", "expires", "9223372036854775808d", "expires"},
		{"most days of int64", "expires", "9223372036854775807d", "expires"},
		{"long ago", "expires", "2020-01-01T00:00", "expires"},
		{"no date", "expires", "31 February", "expires"},
		{"NUL as a date", "expires", "\x00", "expires"},
		{"90 days", "expires", "90d", ""},
		{"no nonce", "nonce", "", "nonce"},
		{"an endless nonce", "nonce", strings.Repeat("n", 10_000), "nonce"},
		{"NUL as a nonce", "nonce", "\x00", "nonce"},
		{"not UTF-8 as a nonce", "nonce", "\xff", "nonce"},
	}
	s := newTestServer(t)
	dana := s.newOwner(t)
	good := dana.addKey("good")
	made := 1
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			dana := dana.in(t)
			form := addKeyForm("a name", "nonce of "+c.name)
			form.Set(c.field, strings.Replace(c.value, key, good, 1))
			a := dana.post("/settings/api-keys", form)
			if c.bad == "" {
				made++
				a.want(http.StatusCreated)
				return
			}
			a.want(http.StatusUnprocessableEntity)
			if c.value != key && keyShape.MatchString(a.body) {
				t.Error("the refused form shows a key")
			}
			if c.bad != "nonce" && !strings.Contains(a.body, `id="`+c.bad+`-error"`) {
				t.Errorf("no message beside the field:\n%s", a.body)
			}
			typed := form.Get("name")
			if typed != good && returns(typed) && !strings.Contains(a.unescaped(), `value="`+typed+`"`) {
				t.Errorf("%q was typed and is gone:\n%s", typed, a.body)
			}
		})
	}
	for _, query := range []string{`SELECT COUNT(*) FROM keys`,
		`SELECT COUNT(*) FROM events WHERE action = 'key.added'`} {
		if n := s.count(t, query); n != made {
			t.Errorf("%d keys were made; %s: %d", made, query, n)
		}
	}
	list := dana.fetch("/settings/api-keys")
	list.want(http.StatusOK, "Untitled key", strings.Repeat("🔑", 100))
}

func TestFormSentManyTimesAtOnce(t *testing.T) {
	t.Parallel()
	onBothEngines(t, testFormSentManyTimesAtOnce)
}

func testFormSentManyTimesAtOnce(t *testing.T, s *testServer) {
	dana := s.newOwner(t)
	answers := make([]*page, 8)
	together(len(answers),
		func(i int) { answers[i] = dana.post("/settings/api-keys", addKeyForm("sent often", "the same nonce")) })
	created := 0
	for _, a := range answers {
		switch a.status {
		case http.StatusCreated:
			created++
			if s.verify(t, dana.keyIn(a)).status != http.StatusNoContent {
				t.Error("the key does not work")
			}
		case http.StatusConflict:
			a.want(http.StatusConflict, "added already", "sent often")
			if keyShape.MatchString(a.body) {
				t.Error("an *page that made no key shows one")
			}
		default:
			t.Errorf("status %d\n%s", a.status, a.unescaped())
		}
	}
	for _, query := range []string{`SELECT COUNT(*) FROM keys`,
		`SELECT COUNT(*) FROM events WHERE action = 'key.added'`} {
		if n := s.count(t, query); n != 1 || created != 1 {
			t.Errorf("%d answers show a key; %s: %d", created, query, n)
		}
	}
}
