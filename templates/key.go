package templates

import (
	"net/netip"
	"strings"

	"github.com/keylodge/keylodge/internal/paths"
)

// NetworkLines writes networks one a line, as their field takes them.
func NetworkLines(all []netip.Prefix) string {
	var texts []string
	for _, p := range all {
		texts = append(texts, network(p))
	}
	return strings.Join(texts, "\n")
}

// expiryChoices are those of a new key, and to leave it as it is.
func (v EditKeyView) expiryChoices() [][2]string {
	keep := "Keep: never"
	if !v.Key.ExpiresAt.IsZero() {
		keep = "Keep: " + dateOf(v.Key.ExpiresAt)
	}
	return append([][2]string{{"keep", keep}}, expiryChoices(v.Workspace.Keys)...)
}

// asItIs tells what of the key can be edited, as it is.
func (v EditKeyView) asItIs() string {
	text := "“" + v.Key.Title() + "” · " + limitsInFull(v.Key.Limits)
	if v.Key.ExpiresAt.IsZero() {
		return text + " · never expires."
	}
	return text + " · expires " + exactTime(v.Key.ExpiresAt) + "."
}

type snippet struct{ ID, Name, Text string }

// snippets show how programs present a key at this installation.
func (v KeyView) snippets() []snippet {
	me := v.Origin + paths.Me
	return []snippet{
		{"env", "Environment", "KEYLODGE_API_KEY=your key"},
		{"sh", "Shell", `curl ` + me + ` -H "Authorization: Bearer $KEYLODGE_API_KEY"`},
		{"go", "Go", `request, err := http.NewRequest(http.MethodGet, "` + me + `", nil)
if err != nil {
	return err
}
request.Header.Set("Authorization", "Bearer "+os.Getenv("KEYLODGE_API_KEY"))
response, err := http.DefaultClient.Do(request)`},
		{"py", "Python", `import os, urllib.request

request = urllib.request.Request("` + me + `", headers={"Authorization": "Bearer " + os.environ["KEYLODGE_API_KEY"]})
print(urllib.request.urlopen(request).read().decode())`},
		{"js", "JavaScript", `const response = await fetch("` + me + `", {
  headers: { Authorization: ` + "`Bearer ${process.env.KEYLODGE_API_KEY}`" + ` },
});
console.log(await response.json());`},
	}
}

var overlapNotes = map[string]string{
	"0": "The old one has ended.", "1h": "The old one goes on for 1 hour.", "24h": "The old one goes on for 24 hours.", "7d": "The old one goes on for 7 days.",
}

// inUse tells how much a key is used.
func (v RevokeView) inUse() string {
	if n := v.Activity.Allowed(v.Now.Add(-recentlyFor)); n > 0 {
		return checks(n) + " in the last 24 hours."
	}
	return ""
}
