package workspace_test

import (
	"context"
	"fmt"
	"net/netip"
	"sync"
	"testing"
	"time"

	"github.com/keylodge/keylodge/internal/workspace"
)

// stopWay is one way to stop a key, and the ways to undo it.
type stopWay struct {
	name   string
	act    workspace.BulkAction
	reason workspace.Reason
	undo   []func(*office, workspace.Actor, string) error
}

var (
	disabling = stopWay{name: "disable", act: workspace.BulkDisable,
		undo: []func(*office, workspace.Actor, string) error{
			func(o *office, who workspace.Actor, id string) error {
				_, err := o.EnableKey(o.Context(), who, id)
				return err
			},
			func(o *office, who workspace.Actor, id string) error {
				o.bulk(who, workspace.BulkEnable, id)
				return nil
			},
		}}
	revoking = stopWay{name: "revoke", act: workspace.BulkRevoke, undo: []func(*office, workspace.Actor, string) error{
		func(o *office, who workspace.Actor, id string) error { return o.RestoreKey(o.Context(), who, id) },
	}}
	leaving = stopWay{name: "revoke, as owner left", act: workspace.BulkRevoke, reason: workspace.OwnerLeft,
		undo: revoking.undo}
)

// stop stops a key.
func (o *office) stop(who workspace.Actor, id string, way stopWay) {
	o.Helper()
	var err error
	if way.act == workspace.BulkDisable {
		_, err = o.DisableKey(o.Context(), who, id)
	} else {
		_, err = o.RevokeKey(o.Context(), who, id, way.reason)
	}
	if err != nil {
		o.Fatal(err)
	}
}

// bulk runs a bulk job, and returns how it ended.
func (o *office) bulk(who workspace.Actor, action workspace.BulkAction, ids ...string) workspace.Job {
	o.Helper()
	j, err := o.StartBulk(o.Context(), who, workspace.BulkRequest{Action: action, KeyIDs: ids, Expires: "never"})
	if err != nil {
		o.Fatal(err)
	}
	return o.runJob(j)
}

// works says whether a key is neither revoked nor disabled.
func (o *office) works(id string) bool {
	o.Helper()
	key, err := o.db.KeyByID(o.Context(), id)
	if err != nil {
		o.Fatal(err)
	}
	return key.RevokedAt.IsZero() && key.DisabledAt.IsZero()
}

func (o *office) operator() workspace.Actor {
	operator := workspace.Operator
	operator.WorkspaceID = o.acme.ID
	return operator
}

func TestWhoMayUndoAStop(t *testing.T) {
	o := newOffice(t)
	people := map[string]workspace.Actor{
		"dana": o.dana, "olga": o.hire("olga@acme.example", workspace.Owner),
		"mei": o.hire("mei@acme.example", workspace.Admin),
		"max": o.hire("max@acme.example", workspace.Admin), "sam": o.hire("sam@acme.example", workspace.Developer),
		"operator": o.operator(),
	}
	for _, tt := range []struct {
		key, stopper string
		way          stopWay
		may, mayNot  []string // undo it
	}{
		{"sam", "sam", disabling, []string{"sam", "mei", "dana", "operator"}, nil},
		{"sam", "mei", disabling, []string{"mei", "max", "dana"}, []string{"sam"}},
		{"sam", "dana", disabling, []string{"mei", "dana"}, []string{"sam"}},
		{"sam", "operator", disabling, []string{"mei", "dana", "operator"}, []string{"sam"}},
		{"mei", "max", disabling, []string{"max", "mei", "dana"}, []string{"sam"}},
		{"mei", "dana", disabling, []string{"max", "dana"}, []string{"mei"}},
		{"mei", "operator", disabling, []string{"max", "dana"}, []string{"mei"}},
		{"dana", "dana", disabling, []string{"dana", "olga"}, []string{"mei"}},
		{"dana", "mei", disabling, []string{"dana", "olga", "mei"}, []string{"max"}},
		{"dana", "olga", disabling, []string{"olga"}, []string{"dana", "mei"}},
		{"dana", "operator", disabling, []string{"olga", "operator"}, []string{"dana", "mei"}},
		{"sam", "sam", revoking, []string{"sam", "mei"}, nil},
		{"sam", "mei", revoking, []string{"mei", "max"}, []string{"sam"}},
		{"sam", "dana", revoking, []string{"dana", "mei"}, []string{"sam"}},
		{"sam", "operator", revoking, []string{"mei"}, []string{"sam"}},
		{"dana", "operator", revoking, []string{"olga"}, []string{"dana", "mei"}},
		{"sam", "dana", leaving, []string{"dana", "mei"}, []string{"sam"}},
		{"mei", "mei", leaving, []string{"dana", "max"}, []string{"mei"}},
	} {
		t.Run(fmt.Sprintf("%s's key, %s by %s", tt.key, tt.way.name, tt.stopper), func(t *testing.T) {
			for i, undo := range tt.way.undo {
				for may, names := range map[bool][]string{false: tt.mayNot, true: tt.may} {
					for _, name := range names {
						key := o.addKey(people[tt.key])
						o.stop(people[tt.stopper], key.ID, tt.way)
						stopped, err := o.db.KeyByID(t.Context(), key.ID)
						if err != nil {
							t.Fatal(err)
						}
						if offered, err := o.MayRestart(t.Context(), people[name], stopped.Key); err != nil ||
							offered != may {
							t.Errorf("%s is offered to undo it: %v %v", name, offered, err)
						}
						err = undo(o, people[name], key.ID)
						if o.works(key.ID) != may || may && err != nil {
							t.Errorf("%s undoes it, way %d: %v; the key works: %v", name, i, err, o.works(key.ID))
						}
					}
				}
			}
		})
	}
}

// TestStoppingOnesOwnKeyFirst has the owner of a key stop it before others do,
// to be the one who may undo it.
func TestStoppingOnesOwnKeyFirst(t *testing.T) {
	o := newOffice(t)
	mei, sam := o.hire("mei@acme.example", workspace.Admin), o.hire("sam@acme.example", workspace.Developer)
	for _, way := range []stopWay{disabling, revoking, leaving} {
		for name, by := range map[string]workspace.Actor{"an admin": mei, "an owner": o.dana,
			"the operator": o.operator()} {
			for _, second := range []string{"alone", "with others"} {
				key := o.addKey(sam)
				o.stop(sam, key.ID, way)
				if second == "alone" {
					o.stop(by, key.ID, way)
				} else if by.Kind == workspace.ByPerson {
					o.bulk(by, way.act, key.ID)
				} else {
					continue
				}
				for _, undo := range way.undo {
					undo(o, sam, key.ID)
				}
				if o.works(key.ID) {
					t.Errorf("%s by its owner, then by %s, %s: its owner undid it", way.name, name, second)
				}
			}
		}
	}
	key := o.addKey(sam)
	o.stop(sam, key.ID, revoking)
	if _, err := o.RevokeKey(t.Context(), sam, key.ID, workspace.Compromised); err != nil {
		t.Fatal(err)
	}
	expectKind(t, "undoing what is compromised", o.RestoreKey(t.Context(), sam, key.ID), workspace.Conflict)
}

func TestUndoingWantsStepUpAndObeysThePolicy(t *testing.T) {
	ctx := context.Background()
	for _, tt := range []struct {
		name   string
		scopes []string
		policy workspace.KeyPolicy
		late   bool // the session is an hour old
		want   workspace.Kind
	}{
		{name: "full access, late", late: true, want: workspace.Unproven},
		{name: "full access where nobody may make one",
			policy: workspace.KeyPolicy{FullAccess: workspace.FullAccessForNobody}, want: workspace.Conflict},
		{name: "full access where admins may make one",
			policy: workspace.KeyPolicy{FullAccess: workspace.FullAccessForManagers}, want: workspace.Conflict},
		{name: "without an end", scopes: []string{"a"}, policy: workspace.KeyPolicy{MaxDays: 30},
			want: workspace.Conflict},
		{name: "from anywhere", scopes: []string{"a"},
			policy: workspace.KeyPolicy{Within: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}},
			want:   workspace.Conflict},
		{name: "restricted", scopes: []string{"a"},
			policy: workspace.KeyPolicy{FullAccess: workspace.FullAccessForNobody, MaxKeys: 2}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o := newOffice(t)
			sam := o.hire("sam@acme.example", workspace.Developer)
			for _, way := range []stopWay{disabling, revoking} {
				key, _, err := o.AddKey(ctx, sam,
					workspace.NewKey{Name: "CI", Scopes: tt.scopes, Nonce: workspace.NewToken()})
				if err != nil {
					t.Fatal(err)
				}
				o.stop(sam, key.ID, way)
				if err := o.SetKeyPolicy(ctx, o.dana, tt.policy); err != nil {
					t.Fatal(err)
				}
				late := sam
				if tt.late {
					late.ProvenAt = o.clock.Add(-time.Hour)
				}
				expectKind(t, way.name, way.undo[0](o, late, key.ID), tt.want)
				if o.works(key.ID) != (tt.want == workspace.Internal) {
					t.Errorf("%s: the key works: %v", way.name, o.works(key.ID))
				}
				if err := o.SetKeyPolicy(ctx, o.dana, workspace.KeyPolicy{}); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
	o := newOffice(t)
	key := o.addKey(o.dana)
	o.stop(o.dana, key.ID, revoking)
	o.addKey(o.dana)
	if err := o.SetKeyPolicy(ctx, o.dana, workspace.KeyPolicy{MaxKeys: 1}); err != nil {
		t.Fatal(err)
	}
	expectKind(t, "one key too many", o.RestoreKey(ctx, o.dana, key.ID), workspace.Conflict)
	late := o.dana
	late.ProvenAt = o.clock.Add(-time.Hour)
	for _, act := range []workspace.BulkAction{workspace.BulkEnable, workspace.BulkExpire} {
		_, err := o.StartBulk(ctx, late, workspace.BulkRequest{Action: act, KeyIDs: []string{key.ID}, Expires: "never"})
		expectKind(t, string(act)+" for many, late", err, workspace.Unproven)
	}
}

// terms are what an edit makes of a key that has the scope a, works from
// 192.0.2.0/24 and ends in 30 days.
var narrowTerms = workspace.KeyEdit{Name: "CI", Expires: "30d", Access: "restricted", Scopes: []string{"a"},
	Addresses: []string{"192.0.2.0/24"}, Rate: "10/1m"}

// wider are edits that let such a key do more, by what is wider.
var wider = map[string]func(*workspace.KeyEdit){
	"a later end":    func(e *workspace.KeyEdit) { e.Expires = "31d" },
	"no end":         func(e *workspace.KeyEdit) { e.Expires = "never" },
	"a scope":        func(e *workspace.KeyEdit) { e.Scopes = []string{"a", "b"} },
	"full access":    func(e *workspace.KeyEdit) { e.Access, e.Scopes = "full", nil },
	"a network":      func(e *workspace.KeyEdit) { e.Addresses = []string{"192.0.2.0/24", "198.51.100.7"} },
	"a wide network": func(e *workspace.KeyEdit) { e.Addresses = []string{"192.0.0.0/16"} },
	"any network":    func(e *workspace.KeyEdit) { e.Addresses = nil },
	"a rate":         func(e *workspace.KeyEdit) { e.Rate = "100/10m" },
	"no rate":        func(e *workspace.KeyEdit) { e.Rate = "" },
}

func (o *office) edit(who workspace.Actor, id string, edit workspace.KeyEdit) error {
	_, err := o.EditKey(o.Context(), who, id, edit)
	return err
}

func TestAnAdminCantWidenAnOwnersKey(t *testing.T) {
	o := newOffice(t)
	mei, olga := o.hire("mei@acme.example", workspace.Admin), o.hire("olga@acme.example", workspace.Owner)
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
			mei, sam := o.hire("mei@acme.example", workspace.Admin), o.hire("sam@acme.example", workspace.Developer)
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
	mei, sam := o.hire("mei@acme.example", workspace.Admin), o.hire("sam@acme.example", workspace.Developer)
	key := o.addKey(sam)
	o.rotated(sam, key.ID, "1h")
	expectKind(t, "longer by its owner", o.SetOverlap(t.Context(), sam, key.ID, "7d"), workspace.Internal)
	expectKind(t, "shorter by an admin", o.SetOverlap(t.Context(), mei, key.ID, "1h"), workspace.Internal)
	expectKind(t, "longer by its owner again", o.SetOverlap(t.Context(), sam, key.ID, "7d"), workspace.Invalid)
	expectKind(t, "longer by an admin", o.SetOverlap(t.Context(), mei, key.ID, "24h"), workspace.Internal)
}

func TestADisabledKeyStaysDisabledWhateverElseIsDone(t *testing.T) {
	o := newOffice(t)
	mei, sam := o.hire("mei@acme.example", workspace.Admin), o.hire("sam@acme.example", workspace.Developer)
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

// TestWhoComesBackGetsNoKeyBack removes a developer, who returns by an
// invitation while their keys' revocation could be undone.
func TestWhoComesBackGetsNoKeyBack(t *testing.T) {
	o := newOffice(t)
	mei, sam := o.hire("mei@acme.example", workspace.Admin), o.hire("sam@acme.example", workspace.Developer)
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
	for _, role := range []workspace.Role{workspace.Developer, workspace.Owner} {
		if role == workspace.Owner {
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
		sam := o.hire(fmt.Sprintf("sam%d@acme.example", i), workspace.Developer)
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
