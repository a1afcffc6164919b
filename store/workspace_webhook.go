package store

import (
	"context"

	"github.com/keylodge/keylodge/internal/workspace"
)

// Webhook implements [workspace.Reader].
func (r reader) Webhook(ctx context.Context, workspaceID string) (workspace.Webhook, error) {
	columns := func(w *workspace.Webhook) []any {
		return []any{&w.URL, &w.Secret, (*moment)(&w.CreatedAt), &w.Failures, (*moment)(&w.PausedUntil),
			(*moment)(&w.OffAt)}
	}
	return queryOne(ctx, r, columns, `SELECT url, secret, created_at, failures, paused_until, off_at FROM webhooks
		WHERE workspace_id = $1`, workspaceID)
}

// PutWebhook implements [workspace.Tx].
func (t *tx) PutWebhook(ctx context.Context, workspaceID string, w workspace.Webhook) error {
	_, err := t.exec(ctx, `
		INSERT INTO webhooks (workspace_id, url, secret, created_at, failures, paused_until, off_at) VALUES ($1, $2, $3,
			$4, $5, $6, $7)
		ON CONFLICT (workspace_id) DO UPDATE SET url = excluded.url, secret = excluded.secret,
			created_at = excluded.created_at,
			failures = excluded.failures, paused_until = excluded.paused_until, off_at = excluded.off_at`,
		workspaceID, w.URL, w.Secret, moment(w.CreatedAt), w.Failures, moment(w.PausedUntil), moment(w.OffAt))
	if err != nil {
		return err
	}
	_, err = t.exec(ctx, `UPDATE outbox SET host = $2, next_at = created_at WHERE channel = 'webhook' AND lane = $1 AND
		given_up_at IS NULL`,
		workspaceID, workspace.URLHost(w.URL))
	return err
}

// DeleteWebhook implements [workspace.Tx].
func (t *tx) DeleteWebhook(ctx context.Context, workspaceID string) (bool, error) {
	if err := t.deleteHookMessages(ctx, workspaceID); err != nil {
		return false, err
	}
	n, err := t.exec(ctx, `DELETE FROM webhooks WHERE workspace_id = $1`, workspaceID)
	return n > 0, err
}

// UpdateWebhook implements [workspace.Tx].
func (t *tx) UpdateWebhook(ctx context.Context, workspaceID string, was, w workspace.Webhook) (bool, error) {
	n, err := t.exec(ctx, `
		UPDATE webhooks SET failures = $2, paused_until = $3, off_at = $4
		WHERE workspace_id = $1 AND url = $5 AND failures = $6 AND paused_until IS NOT DISTINCT FROM $7
			AND off_at IS NOT DISTINCT FROM $8`,
		workspaceID, w.Failures, moment(w.PausedUntil), moment(w.OffAt), was.URL, was.Failures,
		moment(was.PausedUntil), moment(was.OffAt))
	if err != nil || n == 0 {
		return false, err
	}
	if w.OffAt.IsZero() || !was.OffAt.IsZero() {
		return true, nil
	}
	return true, t.deleteHookMessages(ctx, workspaceID)
}

// deleteHookMessages deletes the messages that wait for a webhook.
func (t *tx) deleteHookMessages(ctx context.Context, workspaceID string) error {
	_, err := t.exec(ctx, `
		DELETE FROM outbox WHERE workspace_id = $1 AND channel = $2 AND given_up_at IS NULL`,
		workspaceID, workspace.ChannelWebhook)
	return err
}
