package workspace_test

import (
	"testing"

	"github.com/keylodge/keylodge/internal/workspace"
)

// The record of a disabled key says who disabled it.
func TestWhoDisabledAKey(t *testing.T) {
	o := newOffice(t)
	sam := o.hire("sam@acme.example", workspace.RoleDeveloper)
	for name, by := range map[string]workspace.Actor{"Dana Okafor": o.dana, "": o.operator()} {
		key := o.addKey(sam)
		if _, err := o.DisableKey(t.Context(), by, key.ID); err != nil {
			t.Fatal(err)
		}
		list, err := o.Keys(t.Context(), o.dana, workspace.KeyActive, workspace.KeyCursor{})
		if err != nil {
			t.Fatal(err)
		}
		for _, listed := range list.Page.Keys {
			if listed.ID == key.ID && (listed.DisabledByName != name || listed.DisabledBy != by.UserID) {
				t.Errorf("disabled by %q (%s), want %q", listed.DisabledByName, listed.DisabledBy, name)
			}
		}
		after, err := o.EnableKey(t.Context(), o.dana, key.ID)
		if err != nil || after.DisabledByName != "" {
			t.Errorf("enabled again: by %q, %v", after.DisabledByName, err)
		}
	}
}

// A workspace whose keys are disabled as a whole is enabled as a whole.
func TestDisablingAWorkspace(t *testing.T) {
	o := newOffice(t)
	sam := o.hire("sam@acme.example", workspace.RoleDeveloper)
	expectKind(t, "a developer", o.DisableWorkspace(t.Context(), sam), workspace.Forbidden)
	for _, change := range []func() error{
		func() error { return o.DisableWorkspace(t.Context(), o.dana) },
		func() error { return o.DisableWorkspace(t.Context(), o.dana) }, // it is disabled already
		func() error { return o.EnableWorkspace(t.Context(), o.dana) },
		func() error { return o.EnableWorkspace(t.Context(), o.dana) },
	} {
		if err := change(); err != nil {
			t.Fatal(err)
		}
	}
	disabled, enabled := o.count(workspace.ActionWorkspaceDisabled), o.count(workspace.ActionWorkspaceEnabled)
	if disabled != 1 || enabled != 1 {
		t.Errorf("disabled %d times, enabled %d times", disabled, enabled)
	}
}
