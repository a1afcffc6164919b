package store

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"

	"github.com/keylodge/keylodge/internal/workspace"
)

// change says what sort of thing changed.
type change string

const (
	workspaceChange change = "workspace"
	memberChange    change = "member"
	keyChange       change = "key"
	noChange        change = "none" // keeps a number in the history that nothing else has
)

// A node that has missed more than keptChanges changes loads everything again.
const (
	keptChanges = 100_000 // at least
	pruneEvery  = 1_000   // changes
)

// A change number is a count of changes and, in its last bits, a random mark.
// When commits are lost, as with a restored backup or a failover that was not
// synchronous, their counts are used again by other changes; the marks tell a
// node that its number belongs to a lost history.
const markBits = 20

func count(number int64) int64 { return number >> markBits }

// ChangeNumber returns the newest committed change number. When it is older
// than one that this process knows, the database has gone back: see
// FactsSince.
func (s *Store) ChangeNumber(ctx context.Context) (number int64, err error) {
	if err := s.halt.check(); err != nil {
		return 0, err
	}
	before := s.history.past()
	if s.engine.newest != nil {
		number, err = s.engine.newest(ctx)
		err = s.translate(err)
	} else {
		number, err = queryOne(ctx, s.reader, single[int64], newestNumber)
	}
	if err != nil {
		return 0, err
	}
	// Whether it is a later number of the same history, FactsSince finds out.
	if err := s.history.judge(before, changeState{number: number, holds: true}); err != nil {
		return 0, err
	}
	s.history.read(number)
	return number, nil
}

const newestNumber = `SELECT number FROM change_counter`

// errNotPrimary is what no row of the counter means: a server that may lag
// behind, whose answers prove nothing.
var errNotPrimary = unavailable("The database server is a standby. Connect to the primary server.",
	errors.New("it is in recovery"))

func notPrimary(err error) error {
	if errors.Is(err, workspace.ErrNotFound) {
		return errNotPrimary
	}
	return err
}

// takeChangeNumber returns the next number and holds the counter's row lock to
// the end of the transaction. It fails when the history has gone back.
func (s *Store) takeChangeNumber(ctx context.Context, r reader) (int64, error) {
	var random [4]byte
	rand.Read(random[:])
	mark := int64(binary.BigEndian.Uint32(random[:]) % (1 << markBits))
	before := s.history.past()
	c, err := queryOne(ctx, r, changeStateColumns,
		`UPDATE change_counter SET number = (number / $2 + 1) * $2 + $3 RETURNING `+changeStateOf, before.known,
		int64(1)<<markBits, mark)
	if err != nil {
		return 0, err
	}
	return c.number, s.history.judge(before, c)
}

// noteChange writes down that a thing changed. Twice in one transaction counts
// once.
func (t *changeTx) noteChange(ctx context.Context, kind change, workspaceID, subjectID string) error {
	t.noted = true
	_, err := t.exec(ctx, `
		INSERT INTO changes (number, kind, workspace_id, subject_id) VALUES ($1, $2, $3, $4)
		ON CONFLICT (number, kind, workspace_id, subject_id) DO NOTHING`,
		t.number, kind, workspaceID, subjectID)
	return err
}

// pruneChanges forgets what is older than keptChanges, once in pruneEvery
// numbers.
func pruneChanges(ctx context.Context, r reader, number int64) error {
	if count(number)%pruneEvery != 0 || count(number) <= keptChanges {
		return nil
	}
	pruned := (count(number)-keptChanges+1)<<markBits - 1
	if _, err := r.exec(ctx, `DELETE FROM changes WHERE number <= $1`, pruned); err != nil {
		return err
	}
	_, err := r.exec(ctx, `UPDATE change_counter SET pruned = $1`, pruned)
	return err
}

// AllFacts streams all that decides key checks, as of one moment, and
// returns that moment's change number.
func (s *Store) AllFacts(ctx context.Context, into workspace.FactSink) (number int64, err error) {
	before := s.history.past()
	err = s.snapshot(ctx, func(r reader) error {
		c, err := s.changeState(ctx, r, before)
		if err != nil {
			return err
		}
		number = c.number
		return r.streamFacts(ctx, into, allFacts)
	})
	if err == nil {
		s.history.have(number)
	}
	return number, err
}

// FactsSince streams the present facts about everything that changed after a
// number, and returns the newest number. It returns [workspace.ErrChangesGone]
// when the changes since are no longer all kept. When the database no longer
// has that number, or another that this process knows, the process is halted,
// or the error is ErrChangesGone, as the store was told when it was opened.
func (s *Store) FactsSince(ctx context.Context, since int64, into workspace.FactSink) (number int64, err error) {
	before := s.history.past()
	err = s.snapshot(ctx, func(r reader) error {
		c, err := s.changeState(ctx, r, before)
		if err != nil {
			return err
		}
		number = c.number
		if since == number {
			return nil
		}
		known, err := r.knowsChange(ctx, since)
		if err != nil {
			return err
		}
		if !known || c.pruned > 0 && since <= c.pruned {
			return s.changesGone(since, c)
		}
		return r.streamFacts(ctx, into, factsSince, since)
	})
	if err == nil {
		s.history.have(number)
	}
	return number, err
}

// changesGone returns [workspace.ErrChangesGone], or the halt error when the
// missing change was never pruned: then the database has gone back.
func (s *Store) changesGone(since int64, c changeState) error {
	if since > c.pruned {
		if err := s.history.lost(since, c.number); err != nil {
			return err
		}
	}
	return workspace.ErrChangesGone
}

// knowsChange reports whether a number is of this database's history.
func (r reader) knowsChange(ctx context.Context, number int64) (bool, error) {
	_, err := queryOne(ctx, r, single[int64], `SELECT number FROM changes WHERE number = $1 LIMIT 1`, number)
	if errors.Is(err, workspace.ErrNotFound) {
		return number == 0, nil
	}
	return err == nil, err
}
