package store

import (
	"context"
	"time"

	"github.com/keylodge/keylodge/workspace"
)

const oldSecretFields = `key_id, number, digest, hint, rotated_at, rotated_by, ends_at`

func oldSecretColumns(s *workspace.OldSecret) []any {
	return []any{&s.KeyID, &s.Number, (*digest)(&s.Digest), &s.Hint, (*moment)(&s.RotatedAt), (*optional)(&s.RotatedBy), (*moment)(&s.EndsAt)}
}

// OldSecrets implements [workspace.Reader].
func (r reader) OldSecrets(ctx context.Context, keyID string) ([]workspace.OldSecret, error) {
	return queryAll(ctx, r, oldSecretColumns, `SELECT `+oldSecretFields+` FROM old_secrets WHERE key_id = $1 ORDER BY number DESC`, keyID)
}

// RotateKey implements [workspace.ChangeTx]. It returns [workspace.ErrNotFound] when the workspace has no such key that is not revoked.
func (t *changeTx) RotateKey(ctx context.Context, k workspace.Key, old workspace.OldSecret) error {
	err := found(t.exec(ctx, `
		UPDATE keys SET digest = $3, hint = $4, secret_number = $5, search = $6 WHERE id = $1 AND workspace_id = $2 AND revoked_at IS NULL`,
		k.ID, k.WorkspaceID, digest(k.Digest), k.Hint, k.SecretNumber, k.KeySearch()))
	if err != nil {
		return err
	}
	_, err = t.exec(ctx, `INSERT INTO old_secrets (`+oldSecretFields+`) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		old.KeyID, old.Number, digest(old.Digest), old.Hint, moment(old.RotatedAt), optional(old.RotatedBy), moment(old.EndsAt))
	if err != nil {
		return err
	}
	return t.noteChange(ctx, keyChange, k.WorkspaceID, k.ID)
}

// SetSecretEnd implements [workspace.ChangeTx].
func (t *changeTx) SetSecretEnd(ctx context.Context, old workspace.OldSecret, at time.Time) error {
	key, err := t.KeyByID(ctx, old.KeyID)
	if err != nil {
		return err
	}
	if err := found(t.exec(ctx, `UPDATE old_secrets SET ends_at = $3 WHERE key_id = $1 AND number = $2`, old.KeyID, old.Number, moment(at))); err != nil {
		return err
	}
	return t.noteChange(ctx, keyChange, key.WorkspaceID, key.ID)
}
