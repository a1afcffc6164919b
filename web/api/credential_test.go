package web

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/keylodge/keylodge/internal/secret"
)

func TestSafeNext(t *testing.T) {
	for next, want := range map[string]string{
		"/settings/api-keys?state=revoked": "/settings/api-keys?state=revoked",
		"/a%20b":                           "/a%20b",
		"/?next=//h":                       "/?next=//h",
		"":                                 "/fallback", "h": "/fallback", "//h": "/fallback", `/\h`: "/fallback", `\\h`: "/fallback",
		"/%09/h": "/fallback", "/\t/h": "/fallback", "/%5ch": "/fallback", "/%2fh": "/fallback", "https:h": "/fallback",
		"https://h": "/fallback", "javascript:alert(1)": "/fallback", "data:,x": "/fallback", " //h": "/fallback", "/\n/h": "/fallback",
		"///h": "/fallback", "@h": "/fallback", "//user@h": "/fallback", "/%0d%0aSet-Cookie:a": "/fallback", "/%zz": "/fallback",
	} {
		if got := safeNext(next, "/fallback"); got != want {
			t.Errorf("%q → %q, want %q", next, got, want)
		}
	}
}

func TestPresentedKey(t *testing.T) {
	for name, tt := range map[string]struct {
		header http.Header
		text   string
		is     bool
	}{
		"none":              {http.Header{}, "", false},
		"bearer":            {http.Header{"Authorization": {"Bearer k"}}, "k", true},
		"in any case":       {http.Header{"Authorization": {"bEARER k"}}, "k", true},
		"more spaces":       {http.Header{"Authorization": {"Bearer   k"}}, "k", true},
		"header":            {http.Header{"X-Api-Key": {"k"}}, "k", true},
		"empty":             {http.Header{"X-Api-Key": {""}}, "", true},
		"scheme only":       {http.Header{"Authorization": {"Bearer"}}, "", true},
		"another scheme":    {http.Header{"Authorization": {"Basic k"}}, "", false},
		"basic and a key":   {http.Header{"Authorization": {"Basic b"}, "X-Api-Key": {"k"}}, "k", true},
		"the same twice":    {http.Header{"Authorization": {"Bearer k"}, "X-Api-Key": {"k"}}, "", true},
		"two bearers":       {http.Header{"Authorization": {"Bearer a", "Bearer b"}}, "", true},
		"two headers":       {http.Header{"X-Api-Key": {"a", "b"}}, "", true},
		"scheme run into":   {http.Header{"Authorization": {"Bearerk"}}, "", false},
		"nothing and a key": {http.Header{"Authorization": {"Bearer "}, "X-Api-Key": {"k"}}, "", true},
	} {
		t.Run(name, func(t *testing.T) {
			text, is := presentedKey(&http.Request{Header: tt.header})
			if text != tt.text || is != tt.is {
				t.Errorf("%q %v, want %q %v", text, is, tt.text, tt.is)
			}
		})
	}
}

func FuzzPresentedKey(f *testing.F) {
	f.Add("Bearer k", "k")
	f.Fuzz(func(t *testing.T, authorization, apiKey string) {
		text, is := presentedKey(&http.Request{Header: http.Header{"Authorization": {authorization}, "X-Api-Key": {apiKey}}})
		if !is || text != "" && text != apiKey {
			t.Errorf("%q and %q give %q", authorization, apiKey, text)
		}
		alone, is := presentedKey(&http.Request{Header: http.Header{"Authorization": {authorization}}})
		bearer := len(authorization) >= 6 && strings.EqualFold(authorization[:6], "Bearer") && (len(authorization) == 6 || authorization[6] == ' ')
		if is != bearer || bearer && strings.TrimLeft(authorization[6:], " ") != alone {
			t.Errorf("%q alone gives %q %v", authorization, alone, is)
		}
	})
}

func TestKeyInQuery(t *testing.T) {
	key := secret.New("kl").Reveal()
	for query, want := range map[string]bool{
		"": false, "scope=a": false, "key=kl_x": false,
		"key=" + key: true, "a=b&access_token=" + key: true, key: true, "k=%20" + key + "+": true, "a;b=" + key: true, "a=Bearer+" + key: true, key + ";x=1": true, "key=" + key + "%": true, "a=%6bl" + key[2:]: true,
	} {
		if got := keyInQuery(&url.URL{RawQuery: query}); got != want {
			t.Errorf("%d characters of query: %v", len(query), got)
		}
	}
}

func TestHeaderSafe(t *testing.T) {
	for name, want := range map[string]string{
		"": "", "CI deploy": "CI deploy", "100%": "100%25", "é": "%C3%A9", "鍵": "%E9%8D%B5", "a\u2028b": "a%E2%80%A8b", `"<>,;`: `"<>,;`,
	} {
		got := headerSafe(name)
		if back, err := url.PathUnescape(got); got != want || err != nil || back != name {
			t.Errorf("%q → %q → %q (%v)", name, got, back, err)
		}
	}
}

func TestAddress(t *testing.T) {
	direct := newAddressOf(nil)
	behind := newAddressOf([]netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")})
	for name, tt := range map[string]struct {
		from            addressOf
		peer, xff, want string
	}{
		"direct":                          {direct, "192.0.2.1:5", "", "192.0.2.1"},
		"direct, v6":                      {direct, "[2001:db8::1]:5", "", "2001:db8::1"},
		"direct, mapped":                  {direct, "[::ffff:192.0.2.1]:5", "", "192.0.2.1"},
		"direct, a claim":                 {direct, "192.0.2.1:5", "203.0.113.9", "192.0.2.1"},
		"behind a proxy":                  {behind, "10.1.1.1:5", "203.0.113.9", "203.0.113.9"},
		"behind two, with a forged first": {behind, "10.1.1.1:5", "1.1.1.1, 203.0.113.9, 10.2.2.2", "203.0.113.9"},
		"behind a v6 proxy":               {behind, "[fd00::1]:5", "2001:db8::9", "2001:db8::9"},
		"past the proxy":                  {behind, "192.0.2.1:5", "203.0.113.9", "192.0.2.1"},
		"loopback is not trusted":         {behind, "127.0.0.1:5", "203.0.113.9", "127.0.0.1"},
	} {
		t.Run(name, func(t *testing.T) {
			r := httptest.NewRequest("GET", "/", nil)
			r.RemoteAddr = tt.peer
			if tt.xff != "" {
				r.Header.Set("X-Forwarded-For", tt.xff)
			}
			if got := tt.from.of(r).String(); got != tt.want {
				t.Errorf("%s, want %s", got, tt.want)
			}
		})
	}
}

func TestInWords(t *testing.T) {
	for wait, want := range map[time.Duration]string{
		time.Millisecond: "1 second", 2 * time.Second: "2 seconds", 90 * time.Second: "90 seconds", 91 * time.Second: "2 minutes", 15 * time.Minute: "15 minutes",
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

func TestSplitAddresses(t *testing.T) {
	for text, want := range map[string][]string{
		"":                                       nil,
		"a@b.example, c@d.example;e@f.example":   {"a@b.example", "c@d.example", "e@f.example"},
		"a@b.example\nc@d.example\r\n":           {"a@b.example", "c@d.example"},
		"Lee Fu <lee@a.example>; x@b.example":    {"lee@a.example", "x@b.example"},
		"\"Fu, Lee\" <lee@a.example>,\n<m@b.ex>": {"\"Fu", "lee@a.example", "m@b.ex"},
	} {
		if got := splitAddresses(text); !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
