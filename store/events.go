package store

import (
	"context"

	"github.com/keylodge/keylodge/workspace"
)

const eventFields = `id, workspace_id, at, actor_kind, actor_id, action, target_id, details, address, request_id`

func eventColumns(e *workspace.Event) []any {
	return []any{
		&e.ID, (*optional)(&e.WorkspaceID), (*moment)(&e.At), &e.ActorKind, &e.ActorID, &e.Action, &e.TargetID,
		(*details)(&e.Details), &e.Address, &e.RequestID,
	}
}

// Events implements [workspace.Reader].
func (r reader) Events(ctx context.Context, workspaceID string, limit int) ([]workspace.Event, error) {
	return queryAll(ctx, r, eventColumns, `
		SELECT `+eventFields+` FROM events WHERE workspace_id = $1 ORDER BY at DESC, id DESC LIMIT $2`,
		workspaceID, limit)
}

// InsertEvent implements [workspace.Tx].
func (t *tx) InsertEvent(ctx context.Context, e workspace.Event) error {
	_, err := t.exec(ctx, `
		INSERT INTO events (`+eventFields+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		e.ID, optional(e.WorkspaceID), moment(e.At), e.ActorKind, e.ActorID, e.Action, e.TargetID,
		details(e.Details), e.Address, e.RequestID)
	return err
}
