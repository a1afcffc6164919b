package workspace_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/keylodge/keylodge/internal/workspace"
)

// A mutation is kept only when it recorded an event.
func TestActKeepsWhatIsRecorded(t *testing.T) {
	failure := errors.New("a failure")
	for _, c := range []struct {
		name    string
		actions []workspace.Action
		returns error
		fails   bool
		kept    bool
	}{
		{name: "nothing recorded", fails: true},
		{name: "one event", actions: []workspace.Action{workspace.ActionWorkspaceRenamed}, kept: true},
		{name: "two events", actions: []workspace.Action{workspace.ActionWorkspaceRenamed,
			workspace.ActionKeyPolicySet}, kept: true},
		{name: "nothing changed", returns: workspace.ErrNothingChanged},
		{name: "nothing changed after all", actions: []workspace.Action{workspace.ActionWorkspaceRenamed},
			returns: workspace.ErrNothingChanged},
		{name: "a failure", actions: []workspace.Action{workspace.ActionWorkspaceRenamed}, returns: failure,
			fails: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := newOffice(t)
			actor := o.dana
			actor.SessionID, actor.RequestID, actor.IP = "ses_1", "req-1", "192.0.2.7"
			err := o.ActForTest(t.Context(), actor, workspace.PermitRenameWorkspaces,
				func(tx workspace.Tx, record func(workspace.Action, string)) error {
					for _, action := range c.actions {
						record(action, o.acme.ID)
					}
					return errors.Join(tx.UpdateWorkspace(t.Context(), o.acme.ID,
						workspace.WorkspaceUpdate{Name: "Renamed"}), c.returns)
				})
			if (err != nil) != c.fails || c.returns == failure && !errors.Is(err, failure) {
				t.Errorf("act returned %v", err)
			}
			w, err := o.db.Workspace(t.Context(), workspace.WorkspaceLookup{ID: o.acme.ID})
			if err != nil || (w.Name == "Renamed") != c.kept {
				t.Errorf("the name is %q, %v", w.Name, err)
			}
			for _, action := range []workspace.Action{workspace.ActionWorkspaceRenamed, workspace.ActionKeyPolicySet} {
				o.wantEvents(actor, action, c.kept && slices.Contains(c.actions, action))
			}
		})
	}
}

// wantEvents checks whether the workspace has an event of an action, as the
// actor's own.
func (o *office) wantEvents(actor workspace.Actor, action workspace.Action, want bool) {
	o.Helper()
	events, err := o.db.Events(o.Context(), workspace.EventQuery{WorkspaceID: o.acme.ID, Action: action, Limit: 2})
	if err != nil || (len(events) == 1) != want {
		o.Fatalf("%d events of %s, %v", len(events), action, err)
	}
	for _, e := range events {
		if e.ActorKind != actor.Kind || e.ActorID != actor.UserID || e.TargetID != o.acme.ID ||
			e.IP != actor.IP || e.RequestID != actor.RequestID || e.Details["session"] != actor.SessionID {
			o.Errorf("event %+v", e)
		}
	}
}

// Only an actor with the permission acts, and some permissions need a fresh
// proof.
func TestActAuthorizes(t *testing.T) {
	o := newOffice(t)
	sam := o.hire("sam@acme.example", workspace.RoleDeveloper)
	stale := o.dana
	stale.ProvenAt = stale.ProvenAt.AddDate(0, 0, -1)
	for _, c := range []struct {
		name  string
		actor workspace.Actor
		want  workspace.Kind
	}{
		{"an owner", o.dana, workspace.Internal},
		{"the operator", workspace.Actor{Kind: workspace.ActorOperator, WorkspaceID: o.acme.ID}, workspace.Internal},
		{"a developer", sam, workspace.Forbidden},
		{"an owner with an old proof", stale, workspace.Unproven},
		{"a stranger", workspace.Actor{Kind: workspace.ActorStranger, WorkspaceID: o.acme.ID}, workspace.Forbidden},
	} {
		err := o.ActForTest(t.Context(), c.actor, workspace.PermitManagePolicies,
			func(_ workspace.Tx, record func(workspace.Action, string)) error {
				record(workspace.ActionKeyPolicySet, o.acme.ID)
				return nil
			})
		expectKind(t, c.name, err, c.want)
	}
}
