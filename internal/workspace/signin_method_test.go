package workspace_test

import (
	"sync"
	"sync/atomic"
	"testing"

	"github.com/keylodge/keylodge/internal/totp"
	"github.com/keylodge/keylodge/internal/workspace"
)

// require sets what the workspace requires of a session.
func (o *office) require(in workspace.SignedInSession, what workspace.Requirement) {
	o.Helper()
	if err := o.SetSignInPolicy(o.Context(), o.actorOf(in), what, 0); err != nil {
		o.Fatal(err)
	}
}

// addTOTP gives a session's user an authenticator app.
func (o *office) addTOTP(in workspace.SignedInSession) {
	o.Helper()
	app := authenticator{totp.NewSecret()}
	_, err := o.AddTOTP(o.Context(), o.actorOf(in), o.row(in), app.secret, app.code(o.Now()))
	if err != nil {
		o.Fatal(err)
	}
}

func TestRemovingTheLastSecondFactor(t *testing.T) {
	const removeTOTP, removePasskey = "the authenticator app", "the passkey"
	for _, test := range []struct {
		name    string
		require workspace.Requirement
		has     []string
		remove  string
		want    workspace.Kind
	}{
		{"the only passkey", workspace.RequireSecondFactor, []string{removePasskey}, removePasskey, workspace.Conflict},
		{"the only app", workspace.RequireSecondFactor, []string{removeTOTP}, removeTOTP, workspace.Conflict},
		{"a passkey beside an app", workspace.RequireSecondFactor, []string{removeTOTP, removePasskey}, removePasskey,
			workspace.Internal},
		{"an app beside a passkey", workspace.RequireSecondFactor, []string{removeTOTP, removePasskey}, removeTOTP,
			workspace.Internal},
		{"a passkey beside an app where passkeys are required", workspace.RequirePasskey,
			[]string{removeTOTP, removePasskey}, removePasskey, workspace.Conflict},
		{"an app where passkeys are required", workspace.RequirePasskey, []string{removeTOTP, removePasskey},
			removeTOTP, workspace.Internal},
		{"a passkey where nothing is required", workspace.NoRequirement, []string{removePasskey}, removePasskey,
			workspace.Internal},
	} {
		t.Run(test.name, func(t *testing.T) {
			o := newOffice(t)
			in := o.session()
			for _, method := range test.has {
				if method == removeTOTP {
					o.addTOTP(in)
				} else {
					o.addPasskey(in, "laptop")
				}
			}
			o.require(in, test.require)
			var err error
			if test.remove == removeTOTP {
				err = o.RemoveTOTP(t.Context(), o.actorOf(in))
			} else {
				err = o.RemovePasskey(t.Context(), o.actorOf(in), o.passkey("laptop").ID)
			}
			expectKind(t, "removing "+test.remove, err, test.want)
			ways, err := o.SignInMethods(t.Context(), o.actorOf(in))
			if err != nil || test.want == workspace.Conflict && !ways.Meets(test.require) {
				t.Errorf("left: %+v, %v", ways, err)
			}
		})
	}
}

// A workspace that requires nothing is no detour around one that does.
func TestRemovingTheLastSecondFactorInAnotherWorkspace(t *testing.T) {
	o := newOffice(t)
	in := o.session()
	passkey := o.addPasskey(in, "laptop")
	o.require(in, workspace.RequireSecondFactor)
	beta, _, err := o.CreateWorkspace(t.Context(),
		workspace.NewWorkspace{Name: "Beta", Slug: "beta", OwnerEmail: "dana@acme.example"})
	if err != nil {
		t.Fatal(err)
	}
	actor := o.actorOf(in)
	actor.WorkspaceID, actor.SessionID = beta.ID, ""
	expectKind(t, "removing the passkey", o.RemovePasskey(t.Context(), actor, passkey.ID), workspace.Conflict)
}

// Of two factors removed at the same time one stays.
func TestRemovingBothSecondFactorsAtOnce(t *testing.T) {
	bothEngines(t, func(t *testing.T, dsn string) {
		o := officeOn(t, dsn)
		in := o.session()
		o.addTOTP(in)
		passkey := o.addPasskey(in, "laptop")
		o.require(in, workspace.RequireSecondFactor)
		var removed atomic.Int32
		var all sync.WaitGroup
		actor := o.actorOf(in)
		for _, remove := range []func() error{
			func() error { return o.RemoveTOTP(t.Context(), actor) },
			func() error { return o.RemovePasskey(t.Context(), actor, passkey.ID) },
		} {
			all.Go(func() {
				switch err := remove(); {
				case err == nil:
					removed.Add(1)
				case workspace.KindOf(err) != workspace.Conflict && workspace.KindOf(err) != workspace.Unproven:
					t.Error(err)
				}
			})
		}
		all.Wait()
		ways, err := o.SignInMethods(t.Context(), actor)
		if err != nil || removed.Load() != 1 || !ways.HasFactor() {
			t.Errorf("%d were removed, left: %+v, %v", removed.Load(), ways, err)
		}
	})
}
