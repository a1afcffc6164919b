package store

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"

	"github.com/keylodge/keylodge/workspace"
)

// tx implements [workspace.Tx].
type tx struct {
	reader
	heads  *heads
	events []workspace.Event // that are written at its end
}

// changeTx implements [workspace.ChangeTx].
type changeTx struct {
	tx
	number int64
}

// change says what sort of thing changed.
type change string

const (
	workspaceChange change = "workspace"
	memberChange    change = "member"
	keyChange       change = "key"
)

// Changes are kept until this many have come after them, and looked through for older ones this seldom. A node
// that slept for longer loads everything anew.
const (
	keptChanges = 100_000
	pruneEvery  = 1_000
)

// A change number is a count of changes and, in its last bits, a random mark. When commits are lost, as with a
// restored backup or a failover that was not synchronous, their counts are used again by other changes; the marks
// tell a node that its number is of a history that is no more.
const markBits = 20

func count(number int64) int64 { return number >> markBits }

// ChangeNumber implements [workspace.Store].
func (s *Store) ChangeNumber(ctx context.Context) (int64, error) {
	if s.engine.newest != nil {
		n, err := s.engine.newest(ctx)
		return n, s.translate(err)
	}
	return queryOne(ctx, s.reader, single[int64], newestNumber)
}

const newestNumber = `SELECT number FROM change_counter`

// errNotPrimary is what no row of the counter means: a server that may lag behind, whose answers prove nothing.
var errNotPrimary = unavailable("The database server is a standby. Connect to the primary server.", errors.New("it is in recovery"))

func notPrimary(err error) error {
	if errors.Is(err, workspace.ErrNotFound) {
		return errNotPrimary
	}
	return err
}

// takeChangeNumber returns the next number and holds the counter's row lock to the end of the transaction.
func takeChangeNumber(ctx context.Context, r reader) (int64, error) {
	var random [4]byte
	rand.Read(random[:])
	mark := int64(binary.BigEndian.Uint32(random[:]) % (1 << markBits))
	return queryOne(ctx, r, single[int64],
		`UPDATE change_counter SET number = (number / $1 + 1) * $1 + $2 RETURNING number`, int64(1)<<markBits, mark)
}

// noteChange writes down that a thing changed. Twice in one transaction counts once.
func (t *changeTx) noteChange(ctx context.Context, kind change, workspaceID, subjectID string) error {
	_, err := t.exec(ctx, `
		INSERT INTO changes (number, kind, workspace_id, subject_id) VALUES ($1, $2, $3, $4)
		ON CONFLICT (number, kind, workspace_id, subject_id) DO NOTHING`,
		t.number, kind, workspaceID, subjectID)
	return err
}

// pruneChanges forgets what is older than keptChanges, once in pruneEvery numbers.
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

// changeRange returns the newest change number and the one up to which changes are no longer kept.
func (s *Store) changeRange(ctx context.Context, r reader) (newest, pruned int64, err error) {
	type counter struct{ number, pruned int64 }
	c, err := queryOne(ctx, r, func(c *counter) []any { return []any{&c.number, &c.pruned} },
		`SELECT number, pruned FROM change_counter`+s.engine.primary)
	return c.number, c.pruned, notPrimary(err)
}

// AllFacts implements [workspace.Store].
func (s *Store) AllFacts(ctx context.Context, into workspace.FactSink) (number int64, err error) {
	err = s.snapshot(ctx, func(r reader) error {
		if number, _, err = s.changeRange(ctx, r); err != nil {
			return err
		}
		return r.streamFacts(ctx, into, allFacts)
	})
	return number, err
}

// FactsSince implements [workspace.Store].
func (s *Store) FactsSince(ctx context.Context, since int64, into workspace.FactSink) (number int64, err error) {
	err = s.snapshot(ctx, func(r reader) error {
		var pruned int64
		if number, pruned, err = s.changeRange(ctx, r); err != nil {
			return err
		}
		if since == number {
			return nil
		}
		if known, err := r.knowsChange(ctx, since); err != nil || !known || since > number || pruned > 0 && since <= pruned {
			return cmp.Or(err, workspace.ErrChangesGone)
		}
		return r.streamFacts(ctx, into, factsSince, since)
	})
	return number, err
}

// knowsChange says whether a number is of this database's history.
func (r reader) knowsChange(ctx context.Context, number int64) (bool, error) {
	_, err := queryOne(ctx, r, single[int64], `SELECT number FROM changes WHERE number = $1 LIMIT 1`, number)
	if errors.Is(err, workspace.ErrNotFound) {
		return number == 0, nil
	}
	return err == nil, err
}
