package api

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/keylodge/keylodge/internal/secret"
)

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
			c := presentedCredential(&http.Request{URL: new(url.URL), Header: tt.header})
			text, is := c.text, c.presented
			if text != tt.text || is != tt.is {
				t.Errorf("%q %v, want %q %v", text, is, tt.text, tt.is)
			}
		})
	}
}

func FuzzPresentedKey(f *testing.F) {
	f.Add("Bearer k", "k")
	f.Fuzz(func(t *testing.T, authorization, apiKey string) {
		header := http.Header{"Authorization": {authorization}, "X-Api-Key": {apiKey}}
		both := presentedCredential(&http.Request{URL: new(url.URL), Header: header})
		if !both.presented || both.text != "" && both.text != apiKey {
			t.Errorf("%q and %q give %q", authorization, apiKey, both.text)
		}
		header = http.Header{"Authorization": {authorization}}
		c := presentedCredential(&http.Request{URL: new(url.URL), Header: header})
		alone, is := c.text, c.presented
		bearer := len(authorization) >= 6 && strings.EqualFold(authorization[:6], "Bearer") &&
			(len(authorization) == 6 || authorization[6] == ' ')
		if is != bearer || bearer && strings.TrimLeft(authorization[6:], " ") != alone {
			t.Errorf("%q alone gives %q %v", authorization, alone, is)
		}
	})
}

func TestKeyInQuery(t *testing.T) {
	key := secret.New("kl").Reveal()
	for query, want := range map[string]bool{
		"": false, "scope=a": false, "key=kl_x": false,
		"key=" + key: true, "a=b&access_token=" + key: true, key: true, "k=%20" + key + "+": true, "a;b=" + key: true,
		"a=Bearer+" + key: true, key + ";x=1": true, "key=" + key + "%": true, "a=%6bl" + key[2:]: true,
	} {
		if got := KeyInQuery(&url.URL{RawQuery: query}); got != want {
			t.Errorf("%d characters of query: %v", len(query), got)
		}
	}
}

func TestHeaderSafe(t *testing.T) {
	for name, want := range map[string]string{
		"": "", "CI deploy": "CI deploy", "100%": "100%25", "é": "%C3%A9", "鍵": "%E9%8D%B5",
		"a\u2028b": "a%E2%80%A8b", `"<>,;`: `"<>,;`,
	} {
		got := headerSafe(name)
		if back, err := url.PathUnescape(got); got != want || err != nil || back != name {
			t.Errorf("%q → %q → %q (%v)", name, got, back, err)
		}
	}
}
