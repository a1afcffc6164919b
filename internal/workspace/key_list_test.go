package workspace_test

import (
	"testing"

	"github.com/keylodge/keylodge/internal/workspace"
)

// A list offers to enable keys while it has one that the actor may enable.
func TestListSaysWhetherAKeyMayBeEnabled(t *testing.T) {
	o := newOffice(t)
	mei, sam := o.hire("mei@acme.example", workspace.Admin), o.hire("sam@acme.example", workspace.Developer)
	mayEnable := func(who workspace.Actor) bool {
		list, err := o.FilteredKeys(t.Context(), who, workspace.KeyActive, workspace.KeyFilter{}, workspace.KeyCursor{})
		if err != nil {
			t.Fatal(err)
		}
		return list.MayEnable
	}
	key := o.addKey(sam)
	o.addKey(o.dana)
	if mayEnable(mei) || mayEnable(sam) {
		t.Error("offered while no key is disabled")
	}
	if _, err := o.DisableKey(t.Context(), mei, key.ID); err != nil {
		t.Fatal(err)
	}
	if !mayEnable(mei) || !mayEnable(o.dana) || mayEnable(sam) {
		t.Error("an admin may enable what another admin disabled, and the key's owner may not")
	}
	if _, err := o.EnableKey(t.Context(), mei, key.ID); err != nil {
		t.Fatal(err)
	}
	if mayEnable(mei) {
		t.Error("offered after the key was enabled")
	}
}
