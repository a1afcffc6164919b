package keyindex

import "github.com/keylodge/keylodge/internal/workspace"

// facts collects what the store streams, to be applied all at once, so that no
// verification sees half of a transaction.
type facts struct {
	workspaces []*workspace.WorkspaceFact
	members    []workspace.MemberFact
	secrets    []workspace.OldSecretFact
	keys       []workspace.KeyFact

	limits []*Limits     // of keys, see prepare
	moved  []movedMember // of members of workspaces, see prepare
}

// Workspace implements [workspace.FactSink].
func (f *facts) Workspace(w workspace.WorkspaceFact) { f.workspaces = append(f.workspaces, &w) }

// Member implements [workspace.FactSink].
func (f *facts) Member(m workspace.MemberFact) { f.members = append(f.members, m) }

// OldSecret implements [workspace.FactSink].
func (f *facts) OldSecret(s workspace.OldSecretFact) { f.secrets = append(f.secrets, s) }

// Key implements [workspace.FactSink].
func (f *facts) Key(k workspace.KeyFact) { f.keys = append(f.keys, k) }

// records returns the most records that the facts may add.
func (f *facts) records() int { return len(f.secrets) + len(f.keys) }

// prepare does the slow part, which no verification sees. Verifications wait
// for replay, so it must be short.
func (f *facts) prepare(into *table) {
	f.moved = into.members.movedTo(f.workspaces)
	f.limits = make([]*Limits, len(f.keys))
	for i := range f.keys {
		f.limits[i] = into.grants.shared(f.keys[i].Limits)
	}
}

// replay applies the prepared facts to a table, in the order in which the store
// streams them.
func (f *facts) replay(into *table) {
	into.members.setWorkspaces(f.workspaces, f.moved)
	for _, m := range f.members {
		into.Member(m)
	}
	for _, s := range f.secrets {
		into.OldSecret(s)
	}
	for i := range f.keys {
		into.key(&f.keys[i], f.limits[i])
	}
}
