package store

import (
	"context"
	"time"

	"github.com/keylodge/keylodge/internal/workspace"
)

// PruneEvents implements [workspace.Tx]. It takes the chain's head first: of
// two who prune the same log, the second sees what the first has left.
func (t *tx) PruneEvents(ctx context.Context, workspaceID string, before time.Time, limit int) (
	workspace.PrunedEvents, error) {
	if _, err := t.takeHead(ctx, workspaceID); err != nil {
		return workspace.PrunedEvents{}, err
	}
	p, err := t.pruneUnchained(ctx, workspaceID, before, limit)
	if err != nil || p.Events == limit {
		return p, err
	}
	return t.pruneChain(ctx, p, workspaceID, before, limit)
}

// pruneUnchained deletes events from before there were chains.
func (t *tx) pruneUnchained(ctx context.Context, workspaceID string, before time.Time, limit int) (
	p workspace.PrunedEvents, err error) {
	moments, err := queryAll(ctx, t.reader, single[moment], `
		SELECT at FROM events WHERE workspace_id = $1 AND number IS NULL AND at < $2 ORDER BY at, id LIMIT $3`,
		workspaceID, moment(before), limit)
	if err != nil || len(moments) == 0 {
		return p, err
	}
	p.Events, p.At = len(moments), time.Time(moments[len(moments)-1])
	_, err = t.exec(ctx, `
		DELETE FROM events WHERE id IN (
			SELECT id FROM events WHERE workspace_id = $1 AND number IS NULL AND at < $2 ORDER BY at, id LIMIT $3)`,
		workspaceID, moment(before), limit)
	return p, err
}

// pruneChain deletes the beginning of a chain, and adds it to what was deleted.
func (t *tx) pruneChain(ctx context.Context, p workspace.PrunedEvents, workspaceID string, before time.Time,
	limit int) (workspace.PrunedEvents, error) {
	type link struct {
		chainEnd
		at     time.Time
		action workspace.Action
	}
	columns := func(l *link) []any { return []any{&l.number, (*digest)(&l.hash), (*moment)(&l.at), &l.action} }
	oldest, err := queryAll(ctx, t.reader, columns, `
		SELECT number, hash, at, action FROM events WHERE workspace_id = $1 AND number > 0 ORDER BY number LIMIT $2`,
		workspaceID, limit-p.Events)
	for _, l := range oldest {
		if !l.at.Before(before) {
			break
		}
		p.Events++
		if l.action == workspace.ActionAuditLogPruned {
			p.Notes++
		}
		if l.at.After(p.At) {
			p.At = l.at
		}
		p.Number, p.Hash = l.number, l.hash
	}
	if err == nil && p.Number > 0 {
		_, err = t.exec(ctx, `
			DELETE FROM events WHERE workspace_id = $1 AND number > 0 AND number <= $2`, workspaceID, p.Number)
	}
	return p, err
}
