package web

import (
	"net/url"
	"slices"
	"testing"
	"time"
)

func TestSafeNext(t *testing.T) {
	for next, want := range map[string]string{
		"/settings/api-keys?state=revoked": "/settings/api-keys?state=revoked",
		"/a%20b":                           "/a%20b",
		"/?next=//h":                       "/?next=//h",
		"":                                 "/fallback", "h": "/fallback", "//h": "/fallback", `/\h`: "/fallback",
		`\\h`:    "/fallback",
		"/%09/h": "/fallback", "/\t/h": "/fallback", "/%5ch": "/fallback", "/%2fh": "/fallback", "https:h": "/fallback",
		"https://h": "/fallback", "javascript:alert(1)": "/fallback", "data:,x": "/fallback", " //h": "/fallback",
		"/\n/h": "/fallback",
		"///h":  "/fallback", "@h": "/fallback", "//user@h": "/fallback", "/%0d%0aSet-Cookie:a": "/fallback",
		"/%zz": "/fallback",
	} {
		if got := safeNext(next, "/fallback"); got != want {
			t.Errorf("%q → %q, want %q", next, got, want)
		}
	}
}

func TestInWords(t *testing.T) {
	for wait, want := range map[time.Duration]string{
		time.Millisecond: "1 second", 2 * time.Second: "2 seconds", 90 * time.Second: "90 seconds",
		91 * time.Second: "2 minutes", 15 * time.Minute: "15 minutes",
	} {
		if got := inWords(wait); got != want {
			t.Errorf("%v → %s, want %s", wait, got, want)
		}
	}
}

func TestKeysPlace(t *testing.T) {
	const id = "key_06h0e91v9430fsvmg3v0"
	for query, want := range map[string]string{
		"":                               "/settings/api-keys",
		"state=active":                   "/settings/api-keys",
		"state=revoked":                  "/settings/api-keys?state=revoked",
		"state=nonsense&after=nonsense":  "/settings/api-keys",
		"after=abc." + id:                "/settings/api-keys?after=abc." + id,
		"state=expired&before=abc." + id: "/settings/api-keys?before=abc." + id + "&state=expired",
		"after=abc.usr_1&revoked=x":      "/settings/api-keys",
	} {
		q, _ := url.ParseQuery(query)
		if got := readKeyListPlace(q).url(); got != want {
			t.Errorf("%q → %q, want %q", query, got, want)
		}
	}
	if got := keyListPlaceOf("https://evil.example/x?state=revoked").url(); got != "/settings/api-keys?state=revoked" {
		t.Errorf("back leads to %q", got)
	}
}

func TestSplitEmails(t *testing.T) {
	for text, want := range map[string][]string{
		"":                                       nil,
		"a@b.example, c@d.example;e@f.example":   {"a@b.example", "c@d.example", "e@f.example"},
		"a@b.example\nc@d.example\r\n":           {"a@b.example", "c@d.example"},
		"Lee Fu <lee@a.example>; x@b.example":    {"lee@a.example", "x@b.example"},
		"\"Fu, Lee\" <lee@a.example>,\n<m@b.ex>": {"\"Fu", "lee@a.example", "m@b.ex"},
	} {
		if got := splitEmails(text); !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
