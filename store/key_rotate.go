package store

import (
	"context"
	"errors"
	"time"

	"github.com/keylodge/keylodge/internal/workspace"
)

const oldSecretFields = `key_id, number, digest, hint, rotated_at, rotated_by, ends_at, ended`

func oldSecretColumns(s *workspace.OldSecret) []any {
	return []any{&s.KeyID, &s.SecretNumber, (*digest)(&s.Digest), &s.Hint, (*moment)(&s.RotatedAt),
		(*optional)(&s.RotatedBy), (*moment)(&s.EndsAt), &s.Ended}
}

// OldSecrets implements [workspace.Reader].
func (r reader) OldSecrets(ctx context.Context, keyID string) ([]workspace.OldSecret, error) {
	return queryAll(ctx, r, oldSecretColumns, `
		SELECT `+oldSecretFields+` FROM old_secrets WHERE key_id = $1 ORDER BY number DESC`, keyID)
}

// RotationsBy implements [workspace.Reader].
func (r reader) RotationsBy(ctx context.Context, userID string, since time.Time, nth int) (time.Time, error) {
	at, err := queryOne(ctx, r, single[moment], `
		SELECT rotated_at FROM old_secrets WHERE rotated_by = $1 AND rotated_at > $2
		ORDER BY rotated_at DESC LIMIT 1 OFFSET $3`,
		userID, moment(since), nth-1)
	if errors.Is(err, workspace.ErrNotFound) {
		err = nil
	}
	return time.Time(at), err
}

// PutOldSecret implements [workspace.ChangeTx]. It returns
// [workspace.ErrNotFound] when the key does not exist.
func (t *changeTx) PutOldSecret(ctx context.Context, old workspace.OldSecret) error {
	key, err := t.Key(ctx, workspace.KeyLookup{ID: old.KeyID, AnyWorkspace: true})
	if err != nil {
		return err
	}
	_, err = t.exec(ctx, `
		INSERT INTO old_secrets (`+oldSecretFields+`, change_number) VALUES `+places(1, 9)+`
		ON CONFLICT (key_id, number) DO UPDATE SET ends_at = excluded.ends_at, ended = excluded.ended,
			change_number = excluded.change_number`,
		old.KeyID, old.SecretNumber, digest(old.Digest), old.Hint, moment(old.RotatedAt), optional(old.RotatedBy),
		moment(old.EndsAt), old.Ended, t.number)
	if err != nil {
		return err
	}
	_, err = t.exec(ctx, `DELETE FROM old_secrets WHERE key_id = $1 AND number <= $2`, old.KeyID,
		old.SecretNumber-workspace.MaxOldSecrets)
	if err != nil {
		return err
	}
	return t.noteChange(ctx, keyChange, key.WorkspaceID, key.ID)
}
