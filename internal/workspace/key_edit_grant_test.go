package workspace_test

import (
	"testing"

	"github.com/keylodge/keylodge/internal/workspace"
)

// terms are what an edit makes of a key that has the scope a, works from
// 192.0.2.0/24 and ends in 30 days.
var narrowTerms = workspace.KeyEdit{Name: "CI", Expires: "30d", Access: "restricted", Scopes: []string{"a"},
	Networks: []string{"192.0.2.0/24"}, Rate: "10/1m"}

// wider are edits that let such a key do more, by what is wider.
var wider = map[string]func(*workspace.KeyEdit){
	"a later end":    func(e *workspace.KeyEdit) { e.Expires = "31d" },
	"no end":         func(e *workspace.KeyEdit) { e.Expires = "never" },
	"a scope":        func(e *workspace.KeyEdit) { e.Scopes = []string{"a", "b"} },
	"full access":    func(e *workspace.KeyEdit) { e.Access, e.Scopes = "full", nil },
	"a network":      func(e *workspace.KeyEdit) { e.Networks = []string{"192.0.2.0/24", "198.51.100.7"} },
	"a wide network": func(e *workspace.KeyEdit) { e.Networks = []string{"192.0.0.0/16"} },
	"any network":    func(e *workspace.KeyEdit) { e.Networks = nil },
	"a rate":         func(e *workspace.KeyEdit) { e.Rate = "100/10m" },
	"no rate":        func(e *workspace.KeyEdit) { e.Rate = "" },
}

func (o *office) edit(who workspace.Actor, id string, edit workspace.KeyEdit) error {
	_, err := o.EditKey(o.Context(), who, id, edit)
	return err
}

func TestAnAdminCantWidenAnOwnersKey(t *testing.T) {
	o := newOffice(t)
	mei, olga := o.hire("mei@acme.example", workspace.RoleAdmin), o.hire("olga@acme.example", workspace.RoleOwner)
	key := o.addKey(o.dana)
	if err := o.edit(mei, key.ID, narrowTerms); err != nil { // less is for admins
		t.Fatal(err)
	}
	for name, more := range wider {
		edit := narrowTerms
		edit.Expires = "keep"
		more(&edit)
		expectKind(t, name+" by an admin", o.edit(mei, key.ID, edit), workspace.Invalid)
		for _, who := range []workspace.Actor{olga, o.dana, o.operator()} {
			expectKind(t, name+" by an owner", o.edit(who, key.ID, edit), workspace.Internal)
			expectKind(t, "back", o.edit(o.dana, key.ID, narrowTerms), workspace.Internal)
		}
	}
	if b := o.bulk(mei, workspace.BulkExpire, key.ID); b.Changed != 0 || b.Failed != 1 {
		t.Errorf("for many at once: %+v", b)
	}
	o.rotated(o.dana, key.ID, "1h")
	expectKind(t, "a longer overlap by an admin", o.SetOverlap(t.Context(), mei, key.ID, "7d"), workspace.Invalid)
	expectKind(t, "a longer overlap by an owner", o.SetOverlap(t.Context(), olga, key.ID, "24h"), workspace.Internal)
	expectKind(t, "a shorter overlap by an admin", o.SetOverlap(t.Context(), mei, key.ID, "1h"), workspace.Internal)
}

// TestWhatOthersNarrowedStaysNarrow has an admin limit a developer's key, who
// wants it back as it was.
func TestWhatOthersNarrowedStaysNarrow(t *testing.T) {
	for _, by := range []string{"admin", "operator"} {
		t.Run(by, func(t *testing.T) {
			o := newOffice(t)
			mei := o.hire("mei@acme.example", workspace.RoleAdmin)
			sam := o.hire("sam@acme.example", workspace.RoleDeveloper)
			who := mei
			if by == "operator" {
				who = o.operator()
			}
			key := o.addKey(sam)
			if err := o.edit(who, key.ID, narrowTerms); err != nil {
				t.Fatal(err)
			}
			less := narrowTerms
			less.Expires, less.Rate = "10d", "5/1m"
			expectKind(t, "less by its owner", o.edit(sam, key.ID, less), workspace.Internal)
			for name, more := range wider {
				edit := narrowTerms
				edit.Expires = "keep"
				more(&edit)
				expectKind(t, name+" by its owner", o.edit(sam, key.ID, edit), workspace.Invalid)
			}
			if b := o.bulk(sam, workspace.BulkExpire, key.ID); b.Changed != 0 || b.Failed != 1 {
				t.Errorf("for many at once: %+v", b)
			}
			o.clock = o.clock.AddDate(0, 0, 20)
			sam.ProvenAt, mei.ProvenAt = o.clock, o.clock
			expectKind(t, "extending it when it has expired", o.edit(sam, key.ID, narrowTerms), workspace.Invalid)
			expectKind(t, "extending it by an admin", o.edit(mei, key.ID, narrowTerms), workspace.Internal)
		})
	}
}

func TestAnOverlapThatOthersShortenedStaysShort(t *testing.T) {
	o := newOffice(t)
	mei, sam := o.hire("mei@acme.example", workspace.RoleAdmin), o.hire("sam@acme.example", workspace.RoleDeveloper)
	key := o.addKey(sam)
	o.rotated(sam, key.ID, "1h")
	expectKind(t, "longer by its owner", o.SetOverlap(t.Context(), sam, key.ID, "7d"), workspace.Internal)
	expectKind(t, "shorter by an admin", o.SetOverlap(t.Context(), mei, key.ID, "1h"), workspace.Internal)
	expectKind(t, "longer by its owner again", o.SetOverlap(t.Context(), sam, key.ID, "7d"), workspace.Invalid)
	expectKind(t, "longer by an admin", o.SetOverlap(t.Context(), mei, key.ID, "24h"), workspace.Internal)
}

func TestADisabledKeyStaysDisabledWhateverElseIsDone(t *testing.T) {
	o := newOffice(t)
	mei, sam := o.hire("mei@acme.example", workspace.RoleAdmin), o.hire("sam@acme.example", workspace.RoleDeveloper)
	key := o.addKey(sam)
	o.stop(mei, key.ID, disabling)
	o.rotated(sam, key.ID, "0")
	if err := o.edit(sam, key.ID, workspace.KeyEdit{Name: "another name", Expires: "keep",
		Access: "full"}); err != nil {
		t.Error(err)
	}
	o.stop(sam, key.ID, disabling)
	o.stop(sam, key.ID, revoking)
	// it is what it was: disabled
	expectKind(t, "undoing one's own revocation", o.RestoreKey(t.Context(), sam, key.ID), workspace.Internal)
	if o.works(key.ID) {
		t.Error("it works again")
	}
}

func TestRevivingAnExpiredKeyWantsStepUp(t *testing.T) {
	o := newOffice(t)
	for access, want := range map[string]workspace.Kind{"full": workspace.Unproven, "restricted": workspace.Internal} {
		edit := workspace.KeyEdit{Name: "CI", Expires: "1d", Access: access}
		if access == "restricted" {
			edit.Scopes = []string{"a"}
		}
		key := o.addKey(o.dana)
		expectKind(t, "editing", o.edit(o.dana, key.ID, edit), workspace.Internal)
		o.clock = o.clock.AddDate(0, 0, 2)
		expectKind(t, access+", late", o.edit(o.dana, key.ID, edit), want)
		o.dana.ProvenAt = o.clock
		edit.Expires = "2d"
		expectKind(t, access, o.edit(o.dana, key.ID, edit), workspace.Internal)
	}
}
