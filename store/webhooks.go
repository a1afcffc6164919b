package store

import (
	"context"

	"github.com/keylodge/keylodge/workspace"
)

// Webhook implements [workspace.Reader].
func (r reader) Webhook(ctx context.Context, workspaceID string) (workspace.Webhook, error) {
	return queryOne(ctx, r, func(w *workspace.Webhook) []any { return []any{&w.URL, &w.Secret, (*moment)(&w.CreatedAt)} },
		`SELECT url, secret, created_at FROM webhooks WHERE workspace_id = $1`, workspaceID)
}

// PutWebhook implements [workspace.Tx].
func (t *tx) PutWebhook(ctx context.Context, workspaceID string, w workspace.Webhook) error {
	_, err := t.exec(ctx, `
		INSERT INTO webhooks (workspace_id, url, secret, created_at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (workspace_id) DO UPDATE SET url = excluded.url, secret = excluded.secret, created_at = excluded.created_at`,
		workspaceID, w.URL, w.Secret, moment(w.CreatedAt))
	return err
}

// DeleteWebhook implements [workspace.Tx].
func (t *tx) DeleteWebhook(ctx context.Context, workspaceID string) (bool, error) {
	n, err := t.exec(ctx, `DELETE FROM webhooks WHERE workspace_id = $1`, workspaceID)
	return n > 0, err
}
