package store

import (
	"context"
	"errors"
	"time"

	"github.com/keylodge/keylodge/internal/secret"
	"github.com/keylodge/keylodge/internal/workspace"
)

const throttleFields = `subject, failures, last_failed_at, blocked_until`

func throttleColumns(t *workspace.Throttle) []any {
	return []any{&t.Subject, &t.Failures, (*moment)(&t.LastFailed), (*moment)(&t.BlockedUntil)}
}

// Throttle implements [workspace.Reader].
func (r reader) Throttle(ctx context.Context, subject string) (workspace.Throttle, error) {
	t, err := queryOne(ctx, r, throttleColumns, `SELECT `+throttleFields+` FROM throttles WHERE subject = $1`, subject)
	if errors.Is(err, workspace.ErrNotFound) {
		return workspace.Throttle{Subject: subject}, nil
	}
	return t, err
}

// CountFailure implements [workspace.Tx]. One statement counts, so that tries
// at the same moment all do.
func (t *tx) CountFailure(ctx context.Context, subject string, now, since time.Time) (workspace.Throttle, error) {
	return queryOne(ctx, t.reader, throttleColumns, `
		INSERT INTO throttles (subject, failures, last_failed_at) VALUES ($1, 1, $2)
		ON CONFLICT (subject) DO UPDATE SET
			failures = CASE WHEN throttles.last_failed_at < $3 THEN 1 ELSE throttles.failures + 1 END,
			last_failed_at = excluded.last_failed_at
		RETURNING `+throttleFields, subject, moment(now), moment(since))
}

// BlockUntil implements [workspace.Tx]. It returns [workspace.ErrNotFound] when
// the subject has no failures.
func (t *tx) BlockUntil(ctx context.Context, subject string, until time.Time) error {
	return found(t.exec(ctx, `UPDATE throttles SET blocked_until = $2 WHERE subject = $1`, subject, moment(until)))
}

// ForgiveFailure implements [workspace.Tx]. A subject without failures has none
// to take back.
func (t *tx) ForgiveFailure(ctx context.Context, subject string) error {
	_, err := t.exec(ctx, `
		UPDATE throttles SET failures = failures - 1, blocked_until = NULL WHERE subject = $1 AND failures > 0`, subject)
	return err
}

// DeleteThrottle implements [workspace.Tx].
func (t *tx) DeleteThrottle(ctx context.Context, subject string) error {
	_, err := t.exec(ctx, `DELETE FROM throttles WHERE subject = $1`, subject)
	return err
}

// KnownDevice implements [workspace.Reader].
func (r reader) KnownDevice(ctx context.Context, userID string, device secret.Digest) (bool, error) {
	return queryOne(ctx, r, single[bool],
		`SELECT EXISTS (SELECT 1 FROM known_devices WHERE user_id = $1 AND device = $2)`, userID, digest(device))
}

// InsertKnownDevice implements [workspace.Tx]. It is no error when the device
// is known.
func (t *tx) InsertKnownDevice(ctx context.Context, userID string, device secret.Digest, now time.Time) error {
	_, err := t.exec(ctx, `
		INSERT INTO known_devices (user_id, device, created_at) VALUES ($1, $2, $3)
		ON CONFLICT (user_id, device) DO NOTHING`, userID, digest(device), moment(now))
	return err
}
