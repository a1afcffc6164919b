package workspace

import (
	"fmt"
	"strings"
	"testing"

	"github.com/keylodge/keylodge/internal/secret"
)

func TestParseScopes(t *testing.T) {
	for in, want := range map[string]string{
		"":                         "[]",
		"b a b":                    "[a b]",
		"keys:verify":              "[keys:verify]",
		"https://x.example/a.read": "[https://x.example/a.read]",
		"!#[]~":                    "[!#[]~]",
		strings.Repeat("x", 64):    "[" + strings.Repeat("x", 64) + "]",
		strings.Repeat("x", 65):    "wrong",
		"keys:nonsense":            "wrong",
		"members:read":             "[members:read]",
		"members:write":            "wrong",
		`a"b`:                      "wrong",
		`a\b`:                      "wrong",
		"é":                        "wrong",
		"a\tb":                     "wrong",
		"\x7f":                     "wrong",

		"keys:" + secret.New("kl").Reveal(): "wrong",
	} {
		got, message := ParseScopes(fields(in))
		text := fmt.Sprint(got)
		if message != "" {
			text = "wrong"
		}
		if text != want || len(secret.Find(message)) > 0 {
			t.Errorf("%q → %s %q, want %s", in, text, message, want)
		}
	}
	if _, message := ParseScopes([]string{""}); message == "" {
		t.Error("an empty scope is taken")
	}
	var many []string
	for i := range 51 {
		many = append(many, fmt.Sprint("s", i))
	}
	if _, message := ParseScopes(many); message == "" {
		t.Error("51 scopes are taken")
	}
}

func fields(text string) []string {
	if text == "" {
		return nil
	}
	return strings.Split(text, " ")
}

func TestParseNetworks(t *testing.T) {
	for in, want := range map[string]string{
		"":                                    "[]",
		"192.0.2.7":                           "[192.0.2.7/32]",
		"2001:db8::1":                         "[2001:db8::1/128]",
		"192.0.2.0/24 2001:db8::/32":          "[192.0.2.0/24 2001:db8::/32]",
		"192.0.2.9 192.0.2.0/24":              "[192.0.2.0/24]",
		"192.0.2.0/24 192.0.2.0/24":           "[192.0.2.0/24]",
		"192.0.2.0/25 192.0.2.128/25":         "[192.0.2.0/25 192.0.2.128/25]",
		"0.0.0.0/0 10.0.0.0/8":                "[0.0.0.0/0]",
		"::/0 192.0.2.0/24":                   "[192.0.2.0/24 ::/0]",
		"192.0.2.7/24":                        "wrong",
		"192.0.2.0/33":                        "wrong",
		"192.0.2":                             "wrong",
		"::ffff:192.0.2.7":                    "wrong",
		"::ffff:192.0.2.0/120":                "wrong",
		"fe80::1%eth0":                        "wrong",
		"example.com":                         "wrong",
		strings.Repeat("192.0.2.7 ", 2) + "x": "wrong",
	} {
		got, message := ParseNetworks(fields(in))
		text := fmt.Sprint(got)
		if message != "" {
			text = "wrong"
		}
		if text != want {
			t.Errorf("%q → %s %q, want %s", in, text, message, want)
		}
	}
	var many []string
	for i := range 51 {
		many = append(many, fmt.Sprintf("10.0.0.%d", 2*i))
	}
	if _, message := ParseNetworks(many); message == "" {
		t.Error("51 networks are taken")
	}
}
