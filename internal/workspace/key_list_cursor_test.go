package workspace

import (
	"testing"
	"time"

	"github.com/keylodge/keylodge/internal/secret"
)

func TestKeyCursorIsReadBack(t *testing.T) {
	id := KeyOf(secret.New(secret.DefaultPrefix), time.Now()).ID
	for name, c := range map[string]KeyCursor{
		"none":       {},
		"a time":     {At: time.UnixMicro(1709209800123456).UTC(), ID: id},
		"before one": {At: time.UnixMicro(1).UTC(), ID: id, Before: true},
		"a text":     {Text: "日本語 ~.", ID: id},
	} {
		if got := ParseKeyCursor(c.String(), c.Before); got != c {
			t.Errorf("%s: %q was read as %+v", name, c.String(), got)
		}
	}
	for _, text := range []string{"", ".", "zz", "x." + id[1:], "!." + id, "~." + id, "~!." + id, "~gA." + id} {
		if got := ParseKeyCursor(text, false); !got.IsZero() {
			t.Errorf("%q was read as %+v", text, got)
		}
	}
}

func TestKeyFilterIsCleaned(t *testing.T) {
	valid := KeyFilter{Text: "ci", Owner: "usr_1", Access: "full", Unused: "90", Expiring: "never", Weak: "owners",
		Sort: "-name"}
	if got := valid.clean(); got != valid {
		t.Errorf("a valid filter became %+v", got)
	}
	invalid := KeyFilter{Text: " ci ", Access: "x", Unused: "0", Expiring: "99999", Weak: "x", Sort: "x"}
	if got := invalid.clean(); got != (KeyFilter{Text: "ci"}) {
		t.Errorf("what is not valid stays: %+v", got)
	}
	if !(KeyFilter{Sort: SortByName}).IsZero() || valid.IsZero() {
		t.Error("a filter that only sorts narrows nothing")
	}
	for want, f := range map[KeyOrder]KeyFilter{
		SortByState: {}, SortByName: {Text: "ci"}, SortByUse: {Unused: "90"}, SortByExpiry: {Expiring: "14"},
	} {
		if got := f.defaultOrder(); got != want {
			t.Errorf("%+v is sorted by %q", f, got)
		}
	}
}
