package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/keylodge/keylodge/internal/workspace"
)

func TestDemo(t *testing.T) {
	temporary := t.TempDir()
	t.Setenv("TMPDIR", temporary)
	s := serve(t, "demo")
	said := regexp.MustCompile(`^Open (http://localhost:\d+) and sign in as (\S+) with the password (\S+)\n`).
		FindStringSubmatch(s.line)
	folders, err := filepath.Glob(filepath.Join(temporary, "keylodge-demo-*"))
	if said == nil || err != nil || len(folders) != 1 {
		t.Fatalf("%q, %v %v", s.line, folders, err)
	}
	signedIn := s.post("/sign-in", "email", said[2], "password", said[3])
	page := s.get("/settings/api-keys", signedIn.Cookies()...)
	for _, text := range []string{"Acme", "CI deploy", "deploys:read, deploys:write · 2 networks", ">Disabled<"} {
		if !strings.Contains(page.body, text) {
			t.Errorf("no %q on the page, which is answered with %d", text, page.StatusCode)
		}
	}
	demo := &installation{t, filepath.Join(folders[0], "keylodge.db")}
	owners, states, disabled := map[string]bool{}, map[workspace.KeyState]int{}, 0
	keys := demo.keys()
	for _, k := range keys {
		owners[k.Owner.Name], states[k.State] = true, states[k.State]+1
		if k.DisabledAt != nil {
			disabled++
		}
	}
	if len(keys) != 60 || len(owners) != 4 || len(states) != 4 || disabled != 1 {
		t.Errorf("%d keys, owners %v, states %v, %d disabled", len(keys), owners, states, disabled)
	}
	if code := s.stop(); code != exitDone {
		t.Errorf("code %d\n%s", code, s.log)
	}
	if left, _ := os.ReadDir(temporary); len(left) > 0 {
		t.Errorf("it leaves %v", left)
	}
}
