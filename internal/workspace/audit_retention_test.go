package workspace_test

import (
	"testing"

	"github.com/keylodge/keylodge/internal/workspace"
)

// What is older than a workspace keeps its audit log is deleted, and an event
// tells of that.
func TestAuditRetention(t *testing.T) {
	o := newOffice(t)
	if err := o.SetAuditRetention(t.Context(), o.dana, 30); err != nil {
		t.Fatal(err)
	}
	before, _, err := o.AuditLog(t.Context(), o.dana, workspace.EventQuery{})
	if err != nil {
		t.Fatal(err)
	}
	o.clock = o.clock.AddDate(0, 0, 60)
	if err := o.Tidy(t.Context()); err != nil {
		t.Fatal(err)
	}
	after, next, err := o.AuditLog(t.Context(), o.dana, workspace.EventQuery{})
	if err != nil || len(after) != 1 || next != "" {
		t.Fatalf("%d events are left, %v", len(after), err)
	}
	if n, _ := after[0].PrunedEvents(); n != len(before) || after[0].ActorKind != workspace.ActorServer {
		t.Errorf("the event that is left is %+v", after[0])
	}
	if err := o.Tidy(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := o.count(workspace.ActionAuditLogPruned); n != 1 {
		t.Errorf("%d events of deletions after another run", n)
	}
}
