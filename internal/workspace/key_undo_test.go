package workspace_test

import (
	"context"
	"fmt"
	"net/netip"
	"testing"
	"time"

	"github.com/keylodge/keylodge/internal/secret"
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
	leaving = stopWay{name: "revoke, as owner left", act: workspace.BulkRevoke, reason: workspace.ReasonOwnerLeft,
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

// works reports whether a key is neither revoked nor disabled.
func (o *office) works(id string) bool {
	o.Helper()
	key, err := o.db.Key(o.Context(), workspace.KeyLookup{ID: id, AnyWorkspace: true})
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
		"dana": o.dana, "olga": o.hire("olga@acme.example", workspace.RoleOwner),
		"mei":      o.hire("mei@acme.example", workspace.RoleAdmin),
		"max":      o.hire("max@acme.example", workspace.RoleAdmin),
		"sam":      o.hire("sam@acme.example", workspace.RoleDeveloper),
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
				check := func(name string, may bool) {
					key := o.addKey(people[tt.key])
					o.stop(people[tt.stopper], key.ID, tt.way)
					stopped, err := o.db.Key(t.Context(), workspace.KeyLookup{ID: key.ID, AnyWorkspace: true})
					if err != nil {
						t.Fatal(err)
					}
					offered, err := o.MayReactivate(t.Context(), people[name], stopped.Key)
					if err != nil || offered != may {
						t.Errorf("%s is offered to undo it: %v %v", name, offered, err)
					}
					err = undo(o, people[name], key.ID)
					if o.works(key.ID) != may || may && err != nil {
						t.Errorf("%s undoes it, way %d: %v; the key works: %v", name, i, err, o.works(key.ID))
					}
				}
				for _, name := range tt.mayNot {
					check(name, false)
				}
				for _, name := range tt.may {
					check(name, true)
				}
			}
		})
	}
}

// TestStoppingOnesOwnKeyFirst has the owner of a key stop it before others do,
// to be the one who may undo it.
func TestStoppingOnesOwnKeyFirst(t *testing.T) {
	o := newOffice(t)
	mei, sam := o.hire("mei@acme.example", workspace.RoleAdmin), o.hire("sam@acme.example", workspace.RoleDeveloper)
	for _, way := range []stopWay{disabling, revoking, leaving} {
		for name, by := range map[string]workspace.Actor{"an admin": mei, "an owner": o.dana,
			"the operator": o.operator()} {
			for _, second := range []string{"alone", "with others"} {
				key := o.addKey(sam)
				o.stop(sam, key.ID, way)
				if second == "alone" {
					o.stop(by, key.ID, way)
				} else if by.Kind == workspace.ActorPerson {
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
	if _, err := o.RevokeKey(t.Context(), sam, key.ID, workspace.ReasonCompromised); err != nil {
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
			policy: workspace.KeyPolicy{Networks: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}},
			want:   workspace.Conflict},
		{name: "restricted", scopes: []string{"a"},
			policy: workspace.KeyPolicy{FullAccess: workspace.FullAccessForNobody, MaxKeys: 2}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o := newOffice(t)
			sam := o.hire("sam@acme.example", workspace.RoleDeveloper)
			for _, way := range []stopWay{disabling, revoking} {
				key, _, err := o.AddKey(ctx, sam,
					workspace.NewKey{Name: "CI", Scopes: tt.scopes, Nonce: secret.NewToken()})
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
