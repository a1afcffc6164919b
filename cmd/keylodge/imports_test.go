package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/keylodge/keylodge"

// A rule says which packages of ours and which modules a package may import
// besides the standard library, and why no others.
type rule struct {
	mayImport []string
	reason    string
}

var leaf = rule{reason: "a leaf is understood and tested alone"}

// domain is the domain and its leaves, which most packages may import.
var domain = []string{
	"internal/workspace", "internal/secret", "internal/password", "internal/totp", "internal/ratelimit",
	"internal/useragent",
}

// rules has a rule for each package of the program.
var rules = map[string]rule{
	"":       {reason: "holds the go:generate line only"},
	"client": {reason: "other programs import it and must not inherit our dependencies"},
	"static": {reason: "assets know nothing of the pages"},

	"internal/hosts":     leaf,
	"internal/paths":     leaf,
	"internal/ratelimit": leaf,
	"internal/secret":    leaf,
	"internal/useragent": leaf,
	"internal/publicnet": leaf,
	"internal/password":  {[]string{"golang.org/x/crypto"}, leaf.reason},
	"internal/totp":      {[]string{"github.com/pquerna/otp"}, leaf.reason},

	"internal/workspace": {domain, "the rules depend on no database, transport or page"},
	"internal/keyindex":  {domain, "the index reads facts through an interface, so that every store can feed it"},
	"store": {
		with(domain, "modernc.org/sqlite", "github.com/jackc/pgx", "golang.org/x/sys"),
		"rows in, rows out: no page, no protocol",
	},

	"internal/leaks":   {domain, "GitHub's protocol stays behind one small package"},
	"internal/outbox":  {domain, "the sender does not know what it sends"},
	"internal/mail":    {with(domain, "github.com/wneessen/go-mail"), "SMTP stays behind one small package"},
	"internal/webhook": {with(domain, "internal/publicnet"), "HTTP delivery stays behind one small package"},
	"internal/passkey": {with(domain, "github.com/go-webauthn/webauthn"), "WebAuthn stays behind one small package"},
	"internal/oidc": {
		with(domain, "internal/publicnet", "github.com/coreos/go-oidc", "golang.org/x/oauth2"),
		"OpenID Connect stays behind one small package",
	},

	"internal/httpguard": {domain, "what pages and the API do alike with a request knows neither"},
	"web/api": {
		with(domain, "internal/hosts", "internal/httpguard", "internal/keyindex", "internal/leaks", "internal/paths",
			"github.com/go-json-experiment/json"),
		"programs are answered without Echo and templates",
	},

	"templates": {
		with(domain, "internal/paths", "static", "github.com/a-h/templ", "rsc.io/qr"),
		"a template shows what it is given and fetches nothing",
	},
	"web": {
		with(domain, "internal/hosts", "internal/httpguard", "internal/keyindex", "internal/leaks", "internal/oidc",
			"internal/passkey", "internal/paths", "templates", "static", "web/api", "github.com/a-h/templ",
			"github.com/labstack/echo", "github.com/gorilla/sessions"),
		"handlers go through workspace.Service, never to the store",
	},
	"cmd/keylodge": {
		with(domain, "store", "internal/hosts", "internal/keyindex", "internal/leaks", "internal/mail",
			"internal/outbox", "internal/webhook", "web", "github.com/alecthomas/kong"),
		"the only place that wires packages together",
	},
}

func with(packages []string, more ...string) []string { return slices.Concat(packages, more) }

// forTests are packages that the program does not contain.
var forTests = []string{
	"store/storetest", "internal/postgrestest", "internal/smtptest", "internal/oidctest", "internal/e2e",
	"internal/bench",
}

// banned are packages that no package of the program may import, and why.
var banned = map[string]string{
	"os/exec":      "the server starts no other programs",
	"math/rand":    "all randomness comes from crypto/rand",
	"math/rand/v2": "all randomness comes from crypto/rand",
	"crypto/md5":   "broken",
	"crypto/sha1":  "broken",
	"unsafe":       "memory is managed by Go",
}

// exempt lists which package may import a banned one.
var exempt = map[string]string{
	"store": "unsafe", // reads SQLite's mapped WAL index
}

func TestImports(t *testing.T) {
	for _, p := range listPackages(t) {
		name := strings.TrimPrefix(strings.TrimPrefix(p.ImportPath, module), "/")
		if slices.Contains(forTests, name) || strings.HasPrefix(name, "tmp/") {
			continue
		}
		rule, ok := rules[name]
		if !ok {
			t.Errorf("%s has no rule: add what it may import to the table", name)
		}
		for _, imported := range p.Imports {
			if why, ok := banned[imported]; ok && exempt[name] != imported {
				t.Errorf("%s imports %s: %s", name, imported, why)
			}
			allowed := func(a string) bool { return matches(imported, a) }
			if !isStandard(imported) && !slices.ContainsFunc(rule.mayImport, allowed) {
				t.Errorf("%s must not import %s: %s", name, imported, rule.reason)
			}
		}
	}
}

// CONTRIBUTING.md names the folder of each package.
func TestContributingNamesEveryPackage(t *testing.T) {
	content, err := os.ReadFile("../../CONTRIBUTING.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range listPackages(t) {
		folder := path.Base(p.ImportPath) + "/"
		if p.ImportPath != module && !strings.Contains(string(content), folder) {
			t.Errorf("CONTRIBUTING.md does not name %s", folder)
		}
	}
}

// matches reports whether an import is one of our packages by name, or any
// package of a module.
func matches(imported, allowed string) bool {
	if ours, ok := strings.CutPrefix(imported, module+"/"); ok {
		return ours == allowed
	}
	return imported == allowed || strings.HasPrefix(imported, allowed+"/")
}

func isStandard(path string) bool {
	first, _, _ := strings.Cut(path, "/")
	return !strings.Contains(first, ".")
}

type goPackage struct {
	ImportPath string
	Imports    []string
}

func listPackages(t *testing.T) (all []goPackage) {
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports", module+"/...").Output()
	if err != nil {
		t.Fatal(err)
	}
	for d := json.NewDecoder(strings.NewReader(string(out))); d.More(); {
		var p goPackage
		if err := d.Decode(&p); err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
	if len(all) < 10 {
		t.Fatalf("go list found only %d packages", len(all))
	}
	return all
}
