package keyindex

import "github.com/keylodge/keylodge/workspace"

// loading fills a table from batches of facts, beside the store that reads on.
type loading struct {
	facts
	batches chan facts
	filled  chan struct{}
}

const batchLength = 1000 // keys and old secrets

func load(into *table) *loading {
	l := &loading{batches: make(chan facts, 4), filled: make(chan struct{})}
	go func() {
		defer close(l.filled)
		for f := range l.batches {
			f.prepare(into)
			f.replay(into)
		}
	}()
	return l
}

// OldSecret implements [workspace.FactSink].
func (l *loading) OldSecret(s workspace.OldSecretFact) {
	if l.records() == batchLength {
		l.send()
	}
	l.facts.OldSecret(s)
}

// Key implements [workspace.FactSink].
func (l *loading) Key(k workspace.KeyFact) {
	if l.records() == batchLength {
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
