package keyindex

import (
	"fmt"
	"runtime/debug"

	"github.com/keylodge/keylodge/internal/workspace"
)

// loading fills a table from batches of facts, while the store reads on.
type loading struct {
	facts
	batches chan facts
	filled  chan error // one, when all batches are in the table or one could not be
}

const batchLength = 1000 // keys and old secrets

// load fills a table with the facts that read streams, and returns the change
// number that read returns.
func load(into *table, read func(workspace.FactSink) (int64, error)) (number int64, err error) {
	l := &loading{batches: make(chan facts, 4), filled: make(chan error, 1)}
	go func() { l.filled <- l.fill(into) }()
	defer func() { // also after a panic of read
		close(l.batches)
		if e := <-l.filled; err == nil {
			err = e
		}
	}()
	if number, err = read(l); err == nil {
		l.send()
	}
	return number, err
}

// fill replays batches until there are no more. After a panic, which it returns
// as an error, it discards them.
func (l *loading) fill(into *table) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v\n%s", r, debug.Stack())
			for range l.batches {
			}
		}
	}()
	for f := range l.batches {
		f.prepare(into)
		f.replay(into)
	}
	return nil
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
