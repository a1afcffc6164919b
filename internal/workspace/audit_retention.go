package workspace

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/keylodge/keylodge/internal/secret"
)

// MinAuditDays is the shortest time that an audit log may be kept.
const MinAuditDays = 30

// ParseAuditDays reads how many days an audit log is kept, as it is typed:
// nothing and 0 are forever. The field of the error is audit_days.
func ParseAuditDays(text string) (int, error) {
	n, err := strconv.Atoi(text)
	if text == "" || err == nil && n == 0 {
		return 0, nil
	}
	if err != nil || n < MinAuditDays || n > maxLifetimeDays {
		return 0, invalid{"audit_days": fmt.Sprintf("Give a whole number from %d to %d, or nothing.", MinAuditDays,
			maxLifetimeDays)}.err()
	}
	return n, nil
}

// SetAuditRetention says how many days the audit log of the actor's workspace
// is kept; 0: forever.
func (s *Service) SetAuditRetention(ctx context.Context, actor Actor, days int) error {
	return s.act(ctx, actor, PermitManagePolicies, func(tx Tx, a *act) error {
		w, err := tx.Workspace(ctx, WorkspaceLookup{ID: actor.WorkspaceID})
		if err != nil {
			return err
		}
		a.record(ActionAuditRetentionSet, actor.WorkspaceID,
			map[string]string{"days": keptFor(days), "days_before": keptFor(w.AuditDays)})
		return tx.UpdateWorkspace(ctx, actor.WorkspaceID, WorkspaceUpdate{AuditDays: &days})
	})
}

func keptFor(days int) string {
	if days == 0 {
		return "for ever"
	}
	return strconv.Itoa(days)
}

// PrunedEvents is what was deleted from the beginning of an audit log.
type PrunedEvents struct {
	Events int
	Notes  int           // of them, those that tell of an earlier deletion
	At     time.Time     // of the newest
	Number int64         // of the last of the chain; 0: none was in it
	Hash   secret.Digest // of that
}

// The details of [ActionAuditLogPruned], which prove that the events that are
// left continue the chain that was deleted.
const (
	prunedEvents = "events"
	prunedUntil  = "until"
	prunedNumber = "number"
	prunedHash   = "hash"
)

// Pruned reads an event that tells of a deletion: the number and the hash of
// the last event of the chain that was deleted, both zero when none was in it.
// ok is false for any other event.
func (e Event) Pruned() (number int64, hash secret.Digest, ok bool) {
	if e.Action != ActionAuditLogPruned {
		return 0, secret.Digest{}, false
	}
	number, err := strconv.ParseInt(e.Details[prunedNumber], 10, 64)
	if err != nil || number < 0 {
		return 0, secret.Digest{}, false
	}
	b, err := hex.DecodeString(e.Details[prunedHash])
	if err != nil || number > 0 && len(b) != len(hash) {
		return 0, secret.Digest{}, false
	}
	copy(hash[:], b)
	return number, hash, true
}

// PrunedEvents reads how many events such an event says were deleted, and the
// time of the newest.
func (e Event) PrunedEvents() (events int, until time.Time) {
	events, _ = strconv.Atoi(e.Details[prunedEvents])
	until, _ = time.Parse(time.RFC3339Nano, e.Details[prunedUntil])
	return events, until
}

// prunePiece is how many events one transaction deletes. That takes about 6 ms
// on SQLite, during which other writers wait.
const prunePiece = 1000

// pruneAuditLogs deletes what is older than each workspace keeps it.
func (s *Service) pruneAuditLogs(ctx context.Context) error {
	all, err := s.store.Workspaces(ctx, WorkspaceFilter{LimitedAudit: true, Deleted: true})
	for _, w := range all {
		err = errors.Join(err, s.pruneAuditLog(ctx, w))
	}
	return err
}

// pruneAuditLog deletes events a piece at a time, each with an event that tells
// of it. Whole days (UTC) are deleted, so that a log is not full of such
// events; and they alone are not worth another.
func (s *Service) pruneAuditLog(ctx context.Context, w Workspace) error {
	before := s.clock().Truncate(24*time.Hour).AddDate(0, 0, -w.AuditDays)
	for {
		var p PrunedEvents
		actor := Actor{Kind: ActorServer, WorkspaceID: w.ID}
		err := s.act(ctx, actor, noPermission, func(tx Tx, a *act) (err error) {
			if p, err = tx.PruneEvents(ctx, w.ID, before, prunePiece); err != nil {
				return err
			}
			if p.Events == p.Notes && p.Events < prunePiece {
				return ErrNothingChanged
			}
			a.record(ActionAuditLogPruned, w.ID, p.details())
			return nil
		})
		if err != nil || p.Events < prunePiece {
			return err
		}
	}
}

// details returns what the event of a deletion says of it.
func (p PrunedEvents) details() map[string]string {
	details := map[string]string{
		prunedEvents: strconv.Itoa(p.Events),
		prunedUntil:  p.At.Format(time.RFC3339Nano),
		prunedNumber: strconv.FormatInt(p.Number, 10),
	}
	if p.Number > 0 {
		details[prunedHash] = hex.EncodeToString(p.Hash[:])
	}
	return details
}
