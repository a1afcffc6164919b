package store

import (
	"context"
	"time"

	"github.com/keylodge/keylodge/internal/workspace"
)

const messageFields = `id, workspace_id, channel, kind, lane, host, recipient, user_id, payload, created_at, next_at,
	deadline, attempts, last_error, claimed_until, given_up_at`

func messageColumns(m *workspace.Message) []any {
	return []any{
		&m.ID, &m.WorkspaceID, &m.Channel, &m.Kind, &m.Lane, &m.Host, &m.To, &m.UserID, &m.Payload,
		(*moment)(&m.CreatedAt), (*moment)(&m.NextAt),
		(*moment)(&m.Deadline), &m.Attempts, &m.LastError, (*moment)(&m.ClaimedUntil), (*moment)(&m.GivenUpAt),
	}
}

// unclaimed is the condition of messages that may be claimed at $1.
const unclaimed = `given_up_at IS NULL AND next_at <= $1 AND (claimed_until IS NULL OR claimed_until <= $1)`

// notPaused leaves out webhooks that are left alone at $1.
const notPaused = `NOT EXISTS (SELECT 1 FROM webhooks w WHERE outbox.channel = 'webhook'
	AND w.workspace_id = outbox.lane AND w.paused_until > $1)`

// DueRoutes implements [workspace.Reader].
func (r reader) DueRoutes(ctx context.Context, channel workspace.Channel, now time.Time) ([]workspace.Route, error) {
	return queryAll(ctx, r, func(route *workspace.Route) []any { return []any{&route.Lane, &route.Host} }, `
		SELECT DISTINCT lane, host FROM outbox WHERE channel = $2 AND `+unclaimed+` AND `+notPaused+`
		ORDER BY lane, host`,
		moment(now), channel)
}

// QueuedMessages implements [workspace.Reader].
func (r reader) QueuedMessages(ctx context.Context, channel workspace.Channel, lane string, limit int) (int, error) {
	return queryOne(ctx, r, single[int], `
		SELECT COUNT(*) FROM (SELECT 1 FROM outbox WHERE channel = $1 AND lane = $2 AND given_up_at IS NULL
			LIMIT $3) queued`, channel, lane, limit)
}

// UndeliveredMessages implements [workspace.Reader].
func (r reader) UndeliveredMessages(ctx context.Context, workspaceID string, limit int) ([]workspace.Message, error) {
	return queryAll(ctx, r, messageColumns, `
		SELECT `+messageFields+` FROM outbox WHERE workspace_id = $1 AND given_up_at IS NOT NULL
		ORDER BY given_up_at DESC, id DESC LIMIT $2`,
		workspaceID, limit)
}

// InsertMessage implements [workspace.Tx].
func (t *tx) InsertMessage(ctx context.Context, m workspace.Message) error {
	t.queued = append(t.queued, m.Channel)
	_, err := t.exec(ctx, `
		INSERT INTO outbox (`+messageFields+`)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)`,
		m.ID, m.WorkspaceID, m.Channel, m.Kind, m.Lane, m.Host, m.To, m.UserID, m.Payload, moment(m.CreatedAt),
		moment(m.NextAt),
		moment(m.Deadline), m.Attempts, m.LastError, moment(m.ClaimedUntil), moment(m.GivenUpAt))
	return err
}

// ClaimMessage implements [workspace.Tx]. The conditions are asked twice: on
// PostgreSQL another node may have claimed the row that the inner query found.
func (t *tx) ClaimMessage(ctx context.Context, channel workspace.Channel, route workspace.Route, now,
	until time.Time) (workspace.Message, error) {
	return queryOne(ctx, t.reader, messageColumns, `
		UPDATE outbox SET claimed_until = $2, attempts = attempts + 1 WHERE `+unclaimed+` AND id = (
			SELECT id FROM outbox WHERE channel = $3 AND lane = $4 AND host = $5 AND `+unclaimed+` AND `+notPaused+`
			ORDER BY next_at, id LIMIT 1)
		RETURNING `+messageFields, moment(now), moment(until), channel, route.Lane, route.Host)
}

// UpdateMessage implements [workspace.Tx].
func (t *tx) UpdateMessage(ctx context.Context, m workspace.Message) (bool, error) {
	n, err := t.exec(ctx, `
		UPDATE outbox SET next_at = $3, deadline = $4, last_error = $5, claimed_until = $6, given_up_at = $7
		WHERE id = $1 AND attempts = $2`,
		m.ID, m.Attempts, moment(m.NextAt), moment(m.Deadline), m.LastError, moment(m.ClaimedUntil),
		moment(m.GivenUpAt))
	if err != nil || n == 0 || m.GivenUpAt.IsZero() {
		return n > 0, err
	}
	return true, t.pruneUndelivered(ctx, m.WorkspaceID)
}

// DeleteMessage implements [workspace.Tx].
func (t *tx) DeleteMessage(ctx context.Context, id string) error {
	_, err := t.exec(ctx, `DELETE FROM outbox WHERE id = $1`, id)
	return err
}

// TakeUndelivered implements [workspace.Tx].
func (t *tx) TakeUndelivered(ctx context.Context, workspaceID, id string) (workspace.Message, error) {
	return queryOne(ctx, t.reader, messageColumns, `
		DELETE FROM outbox WHERE workspace_id = $1 AND id = $2 AND given_up_at IS NOT NULL
		RETURNING `+messageFields, workspaceID, id)
}

// GiveUpMessages implements [workspace.Tx].
func (t *tx) GiveUpMessages(ctx context.Context, now time.Time) ([]workspace.Message, error) {
	all, err := queryAll(ctx, t.reader, messageColumns, `
		UPDATE outbox SET given_up_at = $1, claimed_until = NULL
		WHERE given_up_at IS NULL AND deadline <= $1 AND (claimed_until IS NULL OR claimed_until <= $1)
		RETURNING `+messageFields, moment(now))
	if err != nil {
		return nil, err
	}
	pruned := map[string]bool{}
	for _, m := range all {
		if pruned[m.WorkspaceID] {
			continue
		}
		if err := t.pruneUndelivered(ctx, m.WorkspaceID); err != nil {
			return nil, err
		}
		pruned[m.WorkspaceID] = true
	}
	return all, nil
}

// pruneUndelivered keeps the newest messages of a workspace that were given up.
func (t *tx) pruneUndelivered(ctx context.Context, workspaceID string) error {
	_, err := t.exec(ctx, `
		DELETE FROM outbox WHERE workspace_id = $1 AND given_up_at IS NOT NULL AND id NOT IN (
			SELECT id FROM outbox WHERE workspace_id = $1 AND given_up_at IS NOT NULL
			ORDER BY given_up_at DESC, id DESC LIMIT $2)`,
		workspaceID, workspace.MaxUndelivered)
	return err
}
