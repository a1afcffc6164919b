package store

import (
	"context"
	"fmt"

	"github.com/keylodge/keylodge/workspace"
)

// listedEvent is a row of a list of events. Its people are members only so far as a display name needs.
type listedEvent struct {
	workspace.ListedEvent
	actor, target workspace.Member
	keyID, key    string
}

func listedEventColumns(e *listedEvent) []any {
	return []any{
		&e.ID, &e.WorkspaceID, (*optionalNumber)(&e.Number), (*optionalDigest)(&e.Hash), (*moment)(&e.At), &e.ActorKind, &e.ActorID, &e.Action, &e.TargetID,
		(*details)(&e.Details), &e.Address, &e.RequestID, (*optional)(&e.actor.Name), (*optional)(&e.actor.Email),
		(*optional)(&e.target.Name), (*optional)(&e.target.Email), (*optional)(&e.keyID), (*optional)(&e.key),
	}
}

// Events implements [workspace.Reader]. The page is cut before the joins.
func (r reader) Events(ctx context.Context, q workspace.EventQuery) ([]workspace.ListedEvent, error) {
	args := []any{q.WorkspaceID, q.Limit}
	where := `workspace_id = $1`
	only := func(condition string, value any) {
		args = append(args, value)
		where += fmt.Sprintf(condition, len(args))
	}
	if q.ActorID != "" {
		only(` AND actor_id = $%d`, q.ActorID)
	}
	if q.TargetID != "" {
		only(` AND target_id = $%d`, q.TargetID)
	}
	if q.Action != "" {
		only(` AND action = $%d`, q.Action)
	}
	if !q.From.IsZero() {
		only(` AND at >= $%d`, moment(q.From))
	}
	if !q.To.IsZero() {
		only(` AND at < $%d`, moment(q.To))
	}
	if q.After != "" {
		only(` AND (at, id) < (SELECT at, id FROM events WHERE id = $%[1]d AND workspace_id = $1)`, q.After)
	}
	rows, err := queryAll(ctx, r, listedEventColumns, `
		SELECT e.id, e.workspace_id, e.number, e.hash, e.at, e.actor_kind, e.actor_id, e.action, e.target_id, e.details, e.address, e.request_id,
			actor.name, actor.email, target.name, target.email, k.id, k.name
		FROM (SELECT * FROM events WHERE `+where+` ORDER BY at DESC, id DESC LIMIT $2) e
		LEFT JOIN users actor ON actor.id = e.actor_id
		LEFT JOIN users target ON target.id = e.target_id
		LEFT JOIN keys k ON k.id = e.target_id
		ORDER BY e.at DESC, e.id DESC`, args...)
	events := make([]workspace.ListedEvent, 0, len(rows))
	for _, row := range rows {
		row.ActorName, row.TargetName = row.actor.DisplayName(), row.target.DisplayName()
		if row.keyID != "" {
			row.TargetName = workspace.Key{Name: row.key}.Title()
		}
		events = append(events, row.ListedEvent)
	}
	return events, err
}
