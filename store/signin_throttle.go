package store

import (
	"context"

	"github.com/keylodge/keylodge/internal/secret"
	"github.com/keylodge/keylodge/internal/workspace"
)

const throttleFields = `subject, failures, last_failed_at, blocked_until`

func throttleColumns(t *workspace.Throttle) []any {
	return []any{&t.Subject, &t.Failures, (*moment)(&t.LastFailed), (*moment)(&t.BlockedUntil)}
}

// HoldThrottle implements [workspace.Tx]. The update that changes nothing holds
// the row on both engines.
func (t *tx) HoldThrottle(ctx context.Context, subject string) (workspace.Throttle, error) {
	return queryOne(ctx, t.reader, throttleColumns, `
		INSERT INTO throttles (subject, failures, last_failed_at) VALUES ($1, 0, 0)
		ON CONFLICT (subject) DO UPDATE SET subject = excluded.subject
		RETURNING `+throttleFields, subject)
}

// PutThrottle implements [workspace.Tx].
func (t *tx) PutThrottle(ctx context.Context, p workspace.Throttle) error {
	if p.Failures == 0 {
		_, err := t.exec(ctx, `DELETE FROM throttles WHERE subject = $1`, p.Subject)
		return err
	}
	return found(t.exec(ctx, `
		UPDATE throttles SET failures = $2, last_failed_at = $3, blocked_until = $4 WHERE subject = $1`,
		p.Subject, p.Failures, moment(p.LastFailed), moment(p.BlockedUntil)))
}

// KnownDevice implements [workspace.Reader].
func (r reader) KnownDevice(ctx context.Context, userID string, device secret.Digest) (bool, error) {
	return queryOne(ctx, r, single[bool],
		`SELECT EXISTS (SELECT 1 FROM known_devices WHERE user_id = $1 AND device = $2)`, userID, digest(device))
}

// InsertKnownDevice implements [workspace.Tx]. It is no error when the device
// is known.
func (t *tx) InsertKnownDevice(ctx context.Context, d workspace.KnownDevice, newest int) error {
	_, err := t.exec(ctx, `
		INSERT INTO known_devices (user_id, device, created_at) VALUES ($1, $2, $3)
		ON CONFLICT (user_id, device) DO NOTHING`, d.UserID, digest(d.Digest), moment(d.CreatedAt))
	if err != nil {
		return err
	}
	_, err = t.exec(ctx, `
		DELETE FROM known_devices WHERE user_id = $1 AND device IN (
			SELECT device FROM known_devices WHERE user_id = $1 ORDER BY created_at DESC, device LIMIT 1000 OFFSET $2)`,
		d.UserID, newest)
	return err
}
