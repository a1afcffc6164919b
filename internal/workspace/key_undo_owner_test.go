package workspace_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/keylodge/keylodge/internal/workspace"
)

// TestWhoComesBackGetsNoKeyBack removes a developer, who returns by an
// invitation while their keys' revocation could be undone.
func TestWhoComesBackGetsNoKeyBack(t *testing.T) {
	o := newOffice(t)
	mei, sam := o.hire("mei@acme.example", workspace.RoleAdmin), o.hire("sam@acme.example", workspace.RoleDeveloper)
	byOthers, byThemselves := o.addKey(sam), o.addKey(sam)
	o.stop(sam, byThemselves.ID, revoking)
	o.clock = o.clock.Add(time.Minute)
	o.remove(mei, sam)
	keys := map[string]string{"revoked by the removal": byOthers.ID, "revoked before": byThemselves.ID}
	try := func(when string, people ...workspace.Actor) {
		t.Helper()
		for name, id := range keys {
			for _, who := range people {
				if err := o.RestoreKey(t.Context(), who, id); err == nil || o.works(id) {
					t.Errorf("%s: a key that was %s: %v", when, name, err)
				}
			}
		}
	}
	try("removed", sam, mei, o.dana, o.operator())
	o.clock = o.clock.Add(time.Minute)
	for _, role := range []workspace.Role{workspace.RoleDeveloper, workspace.RoleOwner} {
		if role == workspace.RoleOwner {
			o.remove(o.dana, sam)
			o.clock = o.clock.Add(time.Minute)
		}
		sam = o.hire("sam@acme.example", role)
		try("back as "+string(role), sam, mei, o.dana, o.operator())
	}
	again := o.addKey(sam)
	o.stop(sam, again.ID, revoking)
	expectKind(t, "a key of the new membership", o.RestoreKey(t.Context(), sam, again.ID), workspace.Internal)
}

// TestUndoingWhileItsOwnerIsRemoved does both at once: no key is left that
// works for who comes back.
func TestUndoingWhileItsOwnerIsRemoved(t *testing.T) {
	o := newOffice(t)
	for i := range 10 {
		sam := o.hire(fmt.Sprintf("sam%d@acme.example", i), workspace.RoleDeveloper)
		key := o.addKey(sam)
		o.stop(sam, key.ID, revoking)
		var both sync.WaitGroup
		var settle workspace.Job
		both.Go(func() { o.RestoreKey(t.Context(), sam, key.ID) })
		both.Go(func() {
			var err error
			if _, settle, err = o.RemoveMember(t.Context(), o.dana, sam.UserID, ""); err != nil {
				t.Error(err)
			}
		})
		both.Wait()
		if settle.ID != "" {
			o.runJob(settle)
		}
		if o.works(key.ID) {
			t.Errorf("round %d: the key works", i)
		}
	}
}
