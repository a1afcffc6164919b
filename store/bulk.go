package store

import (
	"context"
	"time"

	"github.com/keylodge/keylodge/workspace"
)

// BulkAct implements [workspace.Reader].
func (r reader) BulkAct(ctx context.Context, workspaceID, id string) (workspace.BulkAct, error) {
	return queryOne(ctx, r, func(b *workspace.BulkAct) []any {
		return []any{&b.ID, &b.WorkspaceID, &b.UserID, &b.Act, &b.Total, &b.Done, &b.Changed, &b.Failed, (*moment)(&b.SeenAt), (*moment)(&b.EndedAt)}
	}, `SELECT id, workspace_id, user_id, act, total, done, changed, failed, seen_at, ended_at FROM bulk_acts WHERE id = $1 AND workspace_id = $2`, id, workspaceID)
}

// PutBulkAct implements [workspace.Tx].
func (t *tx) PutBulkAct(ctx context.Context, b workspace.BulkAct) error {
	_, err := t.exec(ctx, `
		INSERT INTO bulk_acts (id, workspace_id, user_id, act, total, done, changed, failed, seen_at, ended_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
		ON CONFLICT (id) DO UPDATE SET done = excluded.done, changed = excluded.changed, failed = excluded.failed, seen_at = excluded.seen_at,
			ended_at = excluded.ended_at`,
		b.ID, b.WorkspaceID, b.UserID, string(b.Act), b.Total, b.Done, b.Changed, b.Failed, moment(b.SeenAt), moment(b.EndedAt))
	return err
}

// DeleteBulkActsBefore implements [workspace.Tx].
func (t *tx) DeleteBulkActsBefore(ctx context.Context, at time.Time) error {
	_, err := t.exec(ctx, `DELETE FROM bulk_acts WHERE seen_at < $1`, moment(at))
	return err
}

// UsedSince implements [workspace.Reader]. It looks along the keys that were used, which an index has in order.
func (r reader) UsedSince(ctx context.Context, workspaceID string, ids []string, since time.Time) (n int, err error) {
	asked := map[string]bool{}
	for _, id := range ids {
		asked[id] = true
	}
	used, err := queryAll(ctx, r, single[string], `SELECT key_id FROM last_uses WHERE workspace_id = $1 AND revoked = 0 AND last_used_at >= $2`, workspaceID, moment(since))
	for _, id := range used {
		if asked[id] {
			n++
		}
	}
	return n, err
}
