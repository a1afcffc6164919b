package templates

import "testing"

func TestInitials(t *testing.T) {
	for name, want := range map[string]string{
		"":                          "",
		"   ":                       "",
		"!? --":                     "",
		"Dana Okafor":               "DO",
		"dana":                      "D",
		"dana@example.com":          "D",
		"Ada B. C. Lovelace":        "AL",
		"“Ann” (Smith)":             "AS",
		"Ørsted Åberg":              "ØÅ",
		"e\u0301mile zola":          "E\u0301Z", // a letter keeps its mark
		"Лев Толстой":               "ЛТ",
		"山田 太郎":                     "山太",
		"नील शर्मा":                 "नीश",
		"4th Floor":                 "4F",
		"<script>alert(1)</script>": "S",
	} {
		if got := initials(name); got != want {
			t.Errorf("initials(%q) = %q, want %q", name, got, want)
		}
	}
}
