package store

import (
	"context"
	"time"

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

// PauseWebhook implements [workspace.Tx]. Of two attempts that fail together,
// one counts.
func (t *tx) PauseWebhook(ctx context.Context, workspaceID string, since, until time.Time) error {
	if until.IsZero() {
		_, err := t.exec(ctx, `
			UPDATE webhooks SET failures = 0, paused_until = NULL WHERE workspace_id = $1 AND failures > 0`,
			workspaceID)
		return err
	}
	_, err := t.exec(ctx, `
		UPDATE webhooks SET failures = failures + 1, paused_until = $3
		WHERE workspace_id = $1 AND (paused_until IS NULL OR paused_until <= $2)`,
		workspaceID, moment(since), moment(until))
	return err
}

// TurnWebhookOff implements [workspace.Tx].
func (t *tx) TurnWebhookOff(ctx context.Context, workspaceID, url string, at time.Time) (bool, error) {
	n, err := t.exec(ctx, `UPDATE webhooks SET off_at = $3 WHERE workspace_id = $1 AND url = $2 AND off_at IS NULL`,
		workspaceID, url, moment(at))
	if err != nil || n == 0 {
		return false, err
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
