package workspace_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/keylodge/keylodge/internal/secret"
	"github.com/keylodge/keylodge/internal/workspace"
)

func TestClippedTextEndsWithAWholeCharacter(t *testing.T) {
	for _, text := range []string{"", "abc", "鍵鍵鍵", "a鍵", "🔑🔑", "éé", strings.Repeat("x", 300)} {
		for most := range 10 {
			got := workspace.Clip(text, most)
			if len(got) > most || !utf8.ValidString(got) || !strings.HasPrefix(text, got) ||
				len(got)+utf8.UTFMax <= min(most, len(text)) {
				t.Errorf("%q, at most %d bytes: %q", text, most, got)
			}
		}
	}
	if got := workspace.Clip("\xff\x80\x80\x80\x80\x80\x80", 6); len(got) != 6 {
		t.Errorf("what is not UTF-8: %q", got)
	}
}

// TestAKeyIsFoundByItsLongName searches for whole names of any length and
// script.
func TestAKeyIsFoundByItsLongName(t *testing.T) {
	o := newOffice(t)
	for _, name := range []string{
		strings.Repeat("鍵", workspace.MaxName), strings.Repeat("🔑", workspace.MaxName),
		"ab" + strings.Repeat("é", workspace.MaxName-2),
		strings.Repeat("x", workspace.MaxName),
	} {
		key, _, err := o.AddKey(t.Context(), o.dana, workspace.NewKey{Name: name, Nonce: secret.NewToken()})
		if err != nil {
			t.Fatal(err)
		}
		list, err := o.FilteredKeys(t.Context(), o.dana, workspace.KeyActive, workspace.KeyFilter{Text: name},
			workspace.KeyCursor{})
		if err != nil || len(list.Page.Keys) != 1 || list.Page.Keys[0].ID != key.ID {
			t.Errorf("%.20q…: %d keys, %v", name, len(list.Page.Keys), err)
		}
	}
}
