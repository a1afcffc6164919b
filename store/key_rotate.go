package store

import (
	"context"
	"errors"
	"time"

	"github.com/keylodge/keylodge/internal/workspace"
)

const oldSecretFields = `key_id, number, digest, hint, rotated_at, rotated_by, ends_at, ended`

func oldSecretColumns(s *workspace.OldSecret) []any {
	return []any{&s.KeyID, &s.SecretNumber, (*digest)(&s.Digest), &s.Hint, (*moment)(&s.RotatedAt), (*optional)(&s.RotatedBy),
		(*moment)(&s.EndsAt), &s.Ended}
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

// RotateKey implements [workspace.ChangeTx]. It returns [workspace.ErrNotFound]
// when the workspace has no such key that is not revoked.
func (t *changeTx) RotateKey(ctx context.Context, k workspace.Key, old workspace.OldSecret) error {
	err := found(t.exec(ctx, `
		UPDATE keys SET digest = $3, hint = $4, secret_number = $5, search = $6 WHERE id = $1 AND workspace_id = $2
			AND revoked_at IS NULL`,
		k.ID, k.WorkspaceID, digest(k.Digest), k.Hint, k.SecretNumber, k.KeySearch()))
	if err != nil {
		return err
	}
	_, err = t.exec(ctx, `INSERT INTO old_secrets (`+oldSecretFields+`, change_number) VALUES `+places(1, 9),
		old.KeyID, old.SecretNumber, digest(old.Digest), old.Hint, moment(old.RotatedAt), optional(old.RotatedBy),
		moment(old.EndsAt), old.Ended, t.number)
	if err != nil {
		return err
	}
	_, err = t.exec(ctx, `DELETE FROM old_secrets WHERE key_id = $1 AND number < $2`, k.ID,
		k.SecretNumber-workspace.MaxOldSecrets)
	if err != nil {
		return err
	}
	return t.noteChange(ctx, keyChange, k.WorkspaceID, k.ID)
}

// SetSecretEnd implements [workspace.ChangeTx].
func (t *changeTx) SetSecretEnd(ctx context.Context, old workspace.OldSecret) error {
	key, err := t.Key(ctx, workspace.KeyLookup{ID: old.KeyID, AnyWorkspace: true})
	if err != nil {
		return err
	}
	err = found(t.exec(ctx, `
		UPDATE old_secrets SET ends_at = $3, ended = $4, change_number = $5 WHERE key_id = $1 AND number = $2`,
		old.KeyID, old.SecretNumber, moment(old.EndsAt), old.Ended, t.number))
	if err != nil {
		return err
	}
	return t.noteChange(ctx, keyChange, key.WorkspaceID, key.ID)
}
