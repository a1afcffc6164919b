package store

import (
	"context"

	"github.com/keylodge/keylodge/internal/secret"
	"github.com/keylodge/keylodge/internal/workspace"
)

// placedEvent is an event's place in its chain.
type placedEvent struct {
	id, chain string
	number    int64 // 0: it is in no chain
	hash      secret.Digest
}

func (r reader) eachPlace(ctx context.Context, where string, use func(placedEvent)) error {
	return r.eachValues(ctx, `
		SELECT id, workspace_id, COALESCE(number, 0), hash FROM events`+where, 4, func(values []any) error {
		var e placedEvent
		e.id, _ = values[0].(string)
		e.chain, _ = values[1].(string)
		e.number, _ = values[2].(int64)
		hash, _ := values[3].([]byte)
		copy(e.hash[:], hash)
		use(e)
		return nil
	})
}

// hasOwnEvents reports whether the target's audit trail tells of anything but
// sign-ins that the source's does not. What the source has deleted since as too
// old is not the target's own.
func hasOwnEvents(ctx context.Context, from, to reader) (bool, error) {
	own := map[string]placedEvent{}
	err := to.eachPlace(ctx, ` WHERE action NOT LIKE 'session.%'`, func(e placedEvent) { own[e.id] = e })
	if err == nil && len(own) > 0 {
		err = from.eachPlace(ctx, ``, func(e placedEvent) { delete(own, e.id) })
	}
	if err != nil || len(own) == 0 {
		return false, err
	}
	shared, err := sharedPast(ctx, from, to)
	for _, e := range own {
		if until, pruned := shared[e.chain]; !pruned || e.number > until {
			return true, err
		}
	}
	return false, err
}

// sharedPast returns up to which number a chain of the target is what the
// source has had and deleted: there the target has the very hash that the
// source says of the last that it deleted.
func sharedPast(ctx context.Context, from, to reader) (map[string]int64, error) {
	notes, err := queryAll(ctx, from,
		func(e *workspace.Event) []any { return []any{&e.WorkspaceID, &e.Action, (*details)(&e.Details)} },
		`SELECT workspace_id, action, details FROM events WHERE action = $1 ORDER BY workspace_id, number`,
		workspace.ActionAuditLogPruned)
	shared := map[string]int64{}
	for _, note := range notes {
		number, hash, ok := note.Pruned()
		if !ok {
			continue
		}
		if number > 0 {
			n, err := queryOne(ctx, to, single[int64], `
				SELECT COUNT(*) FROM events WHERE workspace_id = $1 AND number = $2 AND hash = $3`,
				note.WorkspaceID, number, digest(hash))
			if err != nil {
				return nil, err
			}
			if n == 0 {
				continue
			}
		}
		shared[note.WorkspaceID] = max(shared[note.WorkspaceID], number)
	}
	return shared, err
}
