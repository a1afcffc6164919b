package store

import (
	"context"

	"github.com/keylodge/keylodge/internal/secret"
	"github.com/keylodge/keylodge/internal/workspace"
)

// TOTP implements [workspace.Reader].
func (r reader) TOTP(ctx context.Context, userID string) (workspace.TOTP, error) {
	return queryOne(ctx, r, func(f *workspace.TOTP) []any {
		return []any{&f.UserID, &f.Secret, &f.LastStep, (*moment)(&f.CreatedAt), &f.CodesLeft}
	}, `
		SELECT user_id, secret, last_step, created_at,
			(SELECT COUNT(*) FROM recovery_codes WHERE recovery_codes.user_id = totps.user_id)
		FROM totps WHERE user_id = $1`, userID)
}

// PutTOTP implements [workspace.Tx].
func (t *tx) PutTOTP(ctx context.Context, f workspace.TOTP) error {
	_, err := t.exec(ctx, `
		INSERT INTO totps (user_id, secret, last_step, created_at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (user_id) DO UPDATE
			SET secret = excluded.secret, last_step = excluded.last_step, created_at = excluded.created_at`,
		f.UserID, f.Secret, f.LastStep, moment(f.CreatedAt))
	return err
}

// UseCode implements [workspace.Tx].
func (t *tx) UseCode(ctx context.Context, c workspace.CodeUse) (bool, error) {
	if c.Recovery != (secret.Digest{}) {
		n, err := t.exec(ctx, `DELETE FROM recovery_codes WHERE user_id = $1 AND digest = $2`, c.UserID,
			digest(c.Recovery))
		return n == 1, err
	}
	n, err := t.exec(ctx, `UPDATE totps SET last_step = $2 WHERE user_id = $1 AND last_step < $2`, c.UserID, c.Step)
	return n == 1, err
}

// PutRecoveryCodes implements [workspace.Tx].
func (t *tx) PutRecoveryCodes(ctx context.Context, userID string, digests []secret.Digest) error {
	if _, err := t.exec(ctx, `DELETE FROM recovery_codes WHERE user_id = $1`, userID); err != nil {
		return err
	}
	for _, d := range digests {
		if _, err := t.exec(ctx, `
			INSERT INTO recovery_codes (user_id, digest) VALUES ($1, $2)`, userID, digest(d)); err != nil {
			return err
		}
	}
	return nil
}
