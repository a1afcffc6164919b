package templates

import (
	"strings"

	"github.com/keylodge/keylodge/internal/paths"
	"github.com/keylodge/keylodge/internal/workspace"
)

// KeyView shows a key with its usage and history.
type KeyView struct {
	Layout
	Key           workspace.ListedKey
	Activity      workspace.KeyActivity
	MayChange     bool
	MayRotate     bool
	MayReactivate bool   // undo a revocation or enable the key
	Origin        string // of the API
	Notice        string
}

type snippet struct{ ID, Name, Text string }

// snippets are examples of requests with a key.
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

// byline returns the name of a user. An empty id means the operator.
func byline(userID, name string) string {
	switch {
	case userID == "":
		return "Command line"
	case name == "":
		return "Somebody without a name"
	}
	return name
}

// revokedBy says who revoked a key and why: "Dana Okafor: compromised".
func revokedBy(k workspace.ListedKey) string {
	switch {
	case k.RevokedReason == workspace.ReasonHolder:
		return "Whoever held it"
	case k.Leaked():
		return "A leak report"
	}
	for _, r := range workspace.Reasons {
		if r.Value == string(k.RevokedReason) {
			return byline(k.RevokedBy, k.RevokedByName) + ": " + strings.ToLower(r.Name)
		}
	}
	return byline(k.RevokedBy, k.RevokedByName)
}

// ownerStanding says what is special about the owner of a key, or "".
func ownerStanding(k workspace.ListedKey) string {
	switch {
	case k.OwnerRemoved:
		return "removed"
	case k.OwnerActive && k.OwnerService:
		return "service account"
	case k.OwnerActive:
		return ""
	}
	return "deactivated: refused"
}

// from says which IP and program last used a key, if they are known.
func from(use workspace.Use) (text string) {
	if use.IP.IsValid() {
		text = " from " + use.IP.String()
	}
	if use.Agent != "" {
		text += " by " + use.Agent
	}
	return text
}
