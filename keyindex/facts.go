package keyindex

import "github.com/keylodge/keylodge/workspace"

// facts collects what the store streams, so that it can be applied all at once: no check sees half of a
// transaction.
type facts struct {
	workspaces []workspace.WorkspaceFact
	members    []memberFact
	keys       []workspace.KeyFact
}

type memberFact struct {
	memberName
	role   workspace.Role
	active bool
}

// Workspace implements [workspace.FactSink].
func (f *facts) Workspace(w workspace.WorkspaceFact) { f.workspaces = append(f.workspaces, w) }

// Member implements [workspace.FactSink].
func (f *facts) Member(workspaceID, userID string, role workspace.Role, active bool) {
	f.members = append(f.members, memberFact{memberName{workspaceID, userID}, role, active})
}

// Key implements [workspace.FactSink].
func (f *facts) Key(k workspace.KeyFact) { f.keys = append(f.keys, k) }

// replay gives them to a table, in the order in which the store streams them.
func (f *facts) replay(into *table) {
	for _, w := range f.workspaces {
		into.Workspace(w)
	}
	for _, m := range f.members {
		into.Member(m.workspaceID, m.userID, m.role, m.active)
	}
	for _, k := range f.keys {
		into.Key(k)
	}
}
