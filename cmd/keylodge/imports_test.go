package main

import (
	"encoding/json"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/keylodge/keylodge"

// mayImport is the direction of imports: for each package of the program, the
// packages of ours and the modules that it may import beside the standard
// library.
var mayImport = map[string][]string{
	"":                   {},
	"internal/workspace": {"golang.org/x/crypto"},
	"store":              {"internal/workspace", "modernc.org/sqlite", "github.com/jackc/pgx", "golang.org/x/sys"},
	"internal/keyindex":  {"internal/workspace"},
	"static":             {},
	"client":             {},
	"templates":          {"internal/workspace", "static", "github.com/a-h/templ", "rsc.io/qr"},
	"internal/passkey":   {"internal/workspace", "github.com/go-webauthn/webauthn"},
	"internal/outbox":    {"internal/workspace"},

	"internal/publicnet": {},

	"internal/webhook": {"internal/workspace", "internal/publicnet"},
	"internal/mail":    {"internal/workspace", "github.com/wneessen/go-mail"},
	"internal/oidc":    {"internal/workspace", "internal/publicnet", "github.com/coreos/go-oidc", "golang.org/x/oauth2"},
	"internal/leaks":   {"internal/workspace"},
	"web": {"internal/workspace", "internal/keyindex", "internal/leaks", "internal/passkey", "internal/oidc", "templates", "static", "github.com/a-h/templ", "github.com/labstack/echo",
		"github.com/gorilla/sessions", "github.com/go-json-experiment/json"},
	"cmd/keylodge": {"internal/workspace", "store", "internal/keyindex", "internal/leaks", "internal/mail", "internal/outbox", "internal/webhook", "web", "github.com/alecthomas/kong"},
}

// forTests are packages that no program imports.
var forTests = []string{"store/storetest", "internal/postgrestest", "internal/smtptest", "internal/oidctest", "internal/e2e", "internal/bench"}

// never are packages that no package of the program may import, and why.
var never = map[string]string{
	"os/exec":      "the server starts no other programs",
	"math/rand":    "all randomness is crypto/rand's",
	"math/rand/v2": "all randomness is crypto/rand's",
	"crypto/md5":   "broken",
	"crypto/sha1":  "broken",
	"unsafe":       "memory is for Go to look after",
}

// allTheSame is who may import one of them.
var allTheSame = map[string]string{
	"store":              "unsafe",      // a mapped file is read
	"internal/workspace": "crypto/sha1", // within HMAC, for the codes of authenticators (RFC 6238)
}

func TestDirectionOfImports(t *testing.T) {
	for _, p := range listPackages(t) {
		name := strings.TrimPrefix(strings.TrimPrefix(p.ImportPath, module), "/")
		if slices.Contains(forTests, name) || strings.HasPrefix(name, "tmp/") {
			continue
		}
		allowed, known := mayImport[name]
		if !known {
			t.Errorf("%s is in no table: say what it may import", name)
		}
		for _, imported := range p.Imports {
			if why, ok := never[imported]; ok && allTheSame[name] != imported {
				t.Errorf("%s imports %s: %s", name, imported, why)
			}
			if !isStandard(imported) && !slices.ContainsFunc(allowed, func(a string) bool { return within(imported, a) }) {
				t.Errorf("%s may not import %s", name, imported)
			}
		}
	}
}

func within(imported, allowed string) bool {
	imported = strings.TrimPrefix(imported, module+"/")
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
	if len(all) < len(mayImport) {
		t.Fatalf("only %d packages are listed", len(all))
	}
	return all
}
