package keyindex

import "github.com/keylodge/keylodge/workspace"

// facts collects what the store streams, so that it can be applied all at once: no check sees half of a
// transaction.
type facts []func(workspace.FactSink)

// Workspace implements [workspace.FactSink].
func (f *facts) Workspace(id, slug string, disabled bool) {
	*f = append(*f, func(t workspace.FactSink) { t.Workspace(id, slug, disabled) })
}

// Member implements [workspace.FactSink].
func (f *facts) Member(workspaceID, userID string, role workspace.Role, active bool) {
	*f = append(*f, func(t workspace.FactSink) { t.Member(workspaceID, userID, role, active) })
}

// Key implements [workspace.FactSink].
func (f *facts) Key(k workspace.KeyFact) {
	*f = append(*f, func(t workspace.FactSink) { t.Key(k) })
}

func (f facts) replay(into workspace.FactSink) {
	for _, apply := range f {
		apply(into)
	}
}
