package workspace

import (
	"strings"
	"testing"
	"time"
)

func TestCleanName(t *testing.T) {
	for name, tt := range map[string]struct {
		in, out string
		ok      bool
	}{
		"plain":                {"CI deploy", "CI deploy", true},
		"trimmed":              {" \t CI \n", "CI", true},
		"nothing":              {"   ", "", true},
		"100 of any script":    {strings.Repeat("鍵", 100), strings.Repeat("鍵", 100), true},
		"101":                  {strings.Repeat("鍵", 101), strings.Repeat("鍵", 101), false},
		"right to left":        {"مفتاح", "مفتاح", true},
		"a joined emoji":       {"👩‍💻", "👩‍💻", true},
		"nothing to be seen":   {" \u200b\ufeff\u2060 ", "", true},
		"markup":               {`"><b>`, `"><b>`, true},
		"a line separator":     {"a\u2028b", "a\u2028b", true},
		"NUL":                  {"a\x00b", "a\x00b", false},
		"a line break inside":  {"a\nb", "a\nb", false},
		"escape":               {"a\x1b[31m", "a\x1b[31m", false},
		"C1 control":           {"a\u0085b", "a\u0085b", false},
		"turned direction":     {"a\u202eb", "a\u202eb", false},
		"not UTF-8":            {"a\xff", "a\xff", false},
		"delete":               {"a\x7fb", "a\x7fb", false},
		"isolated direction":   {"a\u2066b", "a\u2066b", false},
		"an ideographic space": {"\u3000鍵\u3000", "鍵", true},
	} {
		t.Run(name, func(t *testing.T) {
			out, message := cleanName(tt.in)
			if out != tt.out || (message == "") != tt.ok {
				t.Errorf("%q → %q, %q", tt.in, out, message)
			}
		})
	}
}

func TestCheckSlug(t *testing.T) {
	for slug, ok := range map[string]bool{
		"acme": true, "a-b": true, "a1b": true, strings.Repeat("a", 40): true,
		"": false, "ab": false, strings.Repeat("a", 41): false, "-ab": false, "ab-": false, "Acme": false, "a_b": false,
		"www": false, "api": false, "xn--abc": false, "é-é-é": false, "a.b": false,
	} {
		if (checkSlug(slug) == "") != ok {
			t.Errorf("%q: %q", slug, checkSlug(slug))
		}
	}
}

func TestCleanEmail(t *testing.T) {
	for in, want := range map[string]string{
		" Dana@Acme.Example ": "dana@acme.example", "a@b": "a@b",
		"": "", "dana": "", "Dana <dana@acme.example>": "", "a@b@c": "", "a b@c": "", "a@b\r\nBcc: c@d": "",
		strings.Repeat("a", 251) + "@b.c": "",
	} {
		got, message := cleanEmail(in)
		if message != "" {
			got = ""
		}
		if got != want {
			t.Errorf("%q → %q, want %q", in, got, want)
		}
	}
}

func TestParseExpiry(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 0, 30, 0, time.UTC)
	for text, want := range map[string]string{
		"":                 "0001-01-01T00:00:00Z",
		"never":            "0001-01-01T00:00:00Z",
		"30d":              "2026-12-23T12:00:30Z",
		"2026-11-23T12:01": "2026-11-23T12:01:00Z",
		"2026-11-23T12:00": "", // half a minute ago
		"2025-01-01T00:00": "", "0d": "", "-1d": "", "d": "", "99999d": "", "9999999999999999999d": "", "tomorrow": "",
		"2026-02-30T10:00": "", "9999-12-31T23:59": "", "2026-12-01": "",
	} {
		at, message := ParseExpiry(text, now)
		got := ""
		if message == "" {
			got = at.Format(time.RFC3339)
		}
		if got != want {
			t.Errorf("%q → %q %q, want %q", text, got, message, want)
		}
	}
}
