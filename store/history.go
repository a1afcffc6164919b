package store

import (
	"context"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/keylodge/keylodge/internal/workspace"
)

// LostHistory says what to do when the database no longer has changes that
// this process knows of.
type LostHistory string

const (
	LostHistoryRefuse LostHistory = "refuse" // use nothing of it until a restart
	LostHistoryReload LostHistory = "reload" // log a warning and go on with what it has
)

// history is what this process knows of the database's changes. To
// compare an answer of the database with it, read it before the query.
type history struct {
	halt *halt
	mode LostHistory
	log  *slog.Logger

	// known is the newest change that this process has committed or applied;
	// the database must have it, or have pruned it. 0: none.
	known atomic.Int64
	// newest is the highest number that this process has read or committed: an
	// answer below it is from the past.
	newest atomic.Int64
}

// past is what one caller has read from the history before its query.
type past struct{ known, newest int64 }

func (h *history) past() past { return past{h.known.Load(), h.newest.Load()} }

// read notes that the database's newest number is, or was, number.
func (h *history) read(number int64) { raise(&h.newest, number) }

// have notes that this process has committed or applied everything up to a
// number.
func (h *history) have(number int64) {
	raise(&h.newest, number)
	raise(&h.known, number)
}

func raise(n *atomic.Int64, to int64) {
	for {
		before := n.Load()
		if before >= to || n.CompareAndSwap(before, to) {
			return
		}
	}
}

const lostMessage = "The database lost changes that were already confirmed. Restart Keylodge to accept it as it is now."

// lost answers for a database without a change that this process knows. With
// LostHistoryReload it forgets what it knew and returns nil.
func (h *history) lost(number, newest int64) error {
	cause := fmt.Errorf("change %d is not in a history that ends with %d", number, newest)
	if h.mode != LostHistoryReload {
		_, told := h.halt.stop(lostMessage, cause)
		return told
	}
	if h.newest.Swap(0) > 0 {
		h.log.Warn("database lost changes; index loads again", "error", cause)
	}
	h.known.Store(0)
	return nil
}

// changeState is the counter of changes as one statement sees it.
type changeState struct {
	number int64
	pruned int64 // changes up to this number are no longer kept
	holds  bool  // the change that was asked about is there, was pruned, or is 0
}

const (
	selectChangeState = `SELECT ` + changeStateOf + ` FROM change_counter`
	changeStateOf     = `number, pruned, CAST($1 AS BIGINT) = 0 OR CAST($1 AS BIGINT) <= pruned OR
		EXISTS (SELECT 1 FROM changes WHERE changes.number = CAST($1 AS BIGINT))`
)

func changeStateColumns(c *changeState) []any { return []any{&c.number, &c.pruned, &c.holds} }

// changeState returns the newest change number, once it is clear that the
// history is the one that this process knew before.
func (s *Store) changeState(ctx context.Context, r reader, p past) (changeState, error) {
	c, err := queryOne(ctx, r, changeStateColumns, selectChangeState+s.engine.primary, p.known)
	if err != nil {
		return c, notPrimary(err)
	}
	return c, s.history.judge(p, c)
}

// judge compares what the database says with what this process knew before the
// query.
func (h *history) judge(p past, c changeState) error {
	switch {
	case !c.holds:
		return h.lost(p.known, c.number)
	case c.number < p.newest:
		return h.lost(p.newest, c.number)
	}
	return nil
}

// checkHistory fails when the database has gone back.
func (s *Store) checkHistory(ctx context.Context, r reader) error {
	_, err := s.changeState(ctx, r, s.history.past())
	return err
}

// How often Watch looks.
const (
	watchFile    = 100 * time.Millisecond
	watchHistory = time.Second
)

// Watch looks at the database regularly until ctx ends, so that the process is
// halted soon after the file was replaced or the history went back, even when
// nothing uses the database.
func (s *Store) Watch(ctx context.Context) {
	file, history := time.NewTicker(watchFile), time.NewTicker(watchHistory)
	defer file.Stop()
	defer history.Stop()
	if s.engine.watch == nil {
		file.Stop()
	}
	var seen workspace.Stamp
	for s.halt.check() == nil {
		select {
		case <-file.C:
			s.engine.watch()
		case <-history.C:
			seen = s.watchHistory(ctx, seen)
		case <-ctx.Done():
			return
		}
	}
}

// watchHistory checks the history unless the stamp is still the one of the last
// check, and returns the stamp of this one.
func (s *Store) watchHistory(ctx context.Context, seen workspace.Stamp) workspace.Stamp {
	stamp, ok := s.Stamp()
	if ok && stamp == seen {
		return seen
	}
	ctx, cancel := context.WithTimeout(ctx, watchLimit)
	defer cancel()
	if err := s.checkHistory(ctx, s.reader); err != nil { // what can't be asked now is asked again
		return workspace.Stamp{}
	}
	return stamp
}

// watchLimit is how long one look may take.
const watchLimit = 5 * time.Second
