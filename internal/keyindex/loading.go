package keyindex

import (
	"fmt"
	"runtime/debug"

	"github.com/keylodge/keylodge/internal/workspace"
)

// loading fills a table with batches of facts while the store reads on.
type loading struct {
	facts
	batches chan facts
	filled  chan error // gets the outcome once all batches are in the table, or one has failed
}

const batchLength = 1000 // keys and old secrets

// load fills a table with the facts that read streams, and returns the number
// of the last change in them, as read does.
func load(into *table, read func(workspace.FactSink) (int64, error)) (change int64, err error) {
	l := &loading{batches: make(chan facts, 4), filled: make(chan error, 1)}
	go func() { l.filled <- l.fill(into) }()
	defer func() { // also after a panic of read
		close(l.batches)
		if e := <-l.filled; err == nil {
			err = e
		}
	}()
	if change, err = read(l); err == nil {
		l.send()
	}
	return change, err
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
