package workspace

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestMutationsGoThroughAct holds that only act.go opens write transactions and
// inserts audit events: elsewhere a mutation could leave out its event.
func TestMutationsGoThroughAct(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	guarded := []string{"Update", "Change", "InsertEvent"}
	found := map[string]bool{}
	for _, path := range files {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		fset := token.NewFileSet()
		file, err := parser.ParseFile(fset, path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			s, ok := n.(*ast.SelectorExpr)
			if !ok || !slices.Contains(guarded, s.Sel.Name) {
				return true
			}
			found[s.Sel.Name] = true
			if path != "act.go" {
				t.Errorf("%s: %s is for act.go only; use act, actOnKeys or sweep", fset.Position(s.Pos()),
					s.Sel.Name)
			}
			return true
		})
	}
	for _, name := range guarded {
		if !found[name] {
			t.Errorf("act.go does not use %s: this test is out of date", name)
		}
	}
}
