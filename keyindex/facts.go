package keyindex

import "github.com/keylodge/keylodge/workspace"

// facts collects what the store streams, so that it can be applied all at once: no check sees half of a
// transaction.
type facts struct {
	workspaces []Workspace
	members    []memberFact
	keys       []workspace.KeyFact
}

type memberFact struct {
	memberName
	role   workspace.Role
	active bool
}

// Workspace implements [workspace.FactSink].
func (f *facts) Workspace(id, slug string, disabled bool) {
	f.workspaces = append(f.workspaces, Workspace{ID: id, Slug: slug, Disabled: disabled})
}

// Member implements [workspace.FactSink].
func (f *facts) Member(workspaceID, userID string, role workspace.Role, active bool) {
	f.members = append(f.members, memberFact{memberName{workspaceID, userID}, role, active})
}

// Key implements [workspace.FactSink].
func (f *facts) Key(k workspace.KeyFact) { f.keys = append(f.keys, k) }

// replay gives them to a table, in the order in which the store streams them.
func (f *facts) replay(into *table) {
	for _, w := range f.workspaces {
		into.Workspace(w.ID, w.Slug, w.Disabled)
	}
	for _, m := range f.members {
		into.Member(m.workspaceID, m.userID, m.role, m.active)
	}
	for _, k := range f.keys {
		into.Key(k)
	}
}

// loading fills a table from batches of facts, beside the store that reads on.
type loading struct {
	facts
	batches chan facts
	filled  chan struct{}
}

const batchLength = 1000 // keys

func load(into *table) *loading {
	l := &loading{batches: make(chan facts, 4), filled: make(chan struct{})}
	go func() {
		defer close(l.filled)
		for f := range l.batches {
			f.replay(into)
		}
	}()
	return l
}

// Key implements [workspace.FactSink].
func (l *loading) Key(k workspace.KeyFact) {
	if len(l.keys) == batchLength {
		l.send()
		l.keys = make([]workspace.KeyFact, 0, batchLength)
	}
	l.facts.Key(k)
}

func (l *loading) send() {
	l.batches <- l.facts
	l.facts = facts{}
}

// wait returns when all facts are in the table.
func (l *loading) wait() {
	l.send()
	close(l.batches)
	<-l.filled
}
