package workspace_test

import (
	"testing"

	"github.com/keylodge/keylodge/internal/workspace"
)

// A list offers to enable keys while it has one that the actor may enable.
func TestListSaysWhetherAKeyMayBeEnabled(t *testing.T) {
	o := newOffice(t)
	mei, sam := o.hire("mei@acme.example", workspace.RoleAdmin), o.hire("sam@acme.example", workspace.RoleDeveloper)
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

// Each key is on one page, whatever the number of pages, and a member sees only
// their own keys.
func TestKeysOfAllPages(t *testing.T) {
	o := newOffice(t)
	sam := o.hire("sam@acme.example", workspace.RoleDeveloper)
	ids := o.addKeys(o.dana, workspace.KeysPerPage+5) // on two pages
	own := o.addKey(sam)
	seen := map[string]int{}
	if err := o.EachKey(t.Context(), o.dana, workspace.KeyActive,
		func(k workspace.ListedKey) { seen[k.ID]++ }); err != nil {
		t.Fatal(err)
	}
	for _, id := range append(ids, own.ID) {
		if seen[id] != 1 {
			t.Errorf("key %s was seen %d times", id, seen[id])
		}
	}
	selected, err := o.SelectKeys(t.Context(), o.dana, workspace.KeyActive, workspace.KeyFilter{Text: "key"})
	if err != nil || len(selected) != len(ids)+1 {
		t.Errorf("%d keys were selected, %v", len(selected), err)
	}
	list, err := o.Keys(t.Context(), sam, workspace.KeyActive, workspace.KeyCursor{})
	if err != nil || !list.OnlyOwn || len(list.Page.Keys) != 1 || list.Page.Keys[0].ID != own.ID {
		t.Errorf("the developer sees %+v, %v", list, err)
	}
	if n, err := o.ExpiringKeys(t.Context(), sam); n != 0 || err != nil {
		t.Errorf("%d keys expire soon, %v", n, err)
	}
	if n, err := o.InUse(t.Context(), o.dana, ids); n != 0 || err != nil {
		t.Errorf("%d keys are in use, %v", n, err)
	}
	overview, err := o.Overview(t.Context(), o.dana)
	if err != nil || overview.Counts[workspace.KeyActive] != len(ids)+1 || overview.Health.Endless != len(ids)+1 {
		t.Errorf("the overview is %+v, %v", overview, err)
	}
	_, err = o.Overview(t.Context(), sam)
	expectKind(t, "a developer's overview", err, workspace.Forbidden)
}
