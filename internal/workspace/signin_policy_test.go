package workspace_test

import (
	"testing"

	"github.com/keylodge/keylodge/internal/workspace"
)

func TestGracePeriodsAreReadAsTheyAreOffered(t *testing.T) {
	for text, want := range map[string]int{"keep": workspace.KeepGrace, "0": 0, "7": 7, "30": 30} {
		if got, err := workspace.ParseGraceDays(text); err != nil || got != want {
			t.Errorf("%q: %d %v", text, got, err)
		}
	}
	for _, text := range []string{"", "soon", "-1", "-2", "1", "31", "7.0", "99999999999999999999"} {
		_, err := workspace.ParseGraceDays(text)
		expectKind(t, text, err, workspace.Invalid)
	}
}
