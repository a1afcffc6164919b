package store

import (
	"context"
	"errors"

	"github.com/keylodge/keylodge/internal/workspace"
)

// RevokeKey implements [workspace.ChangeTx]. It returns [workspace.ErrNotFound]
// when the workspace has no such key.
func (t *changeTx) RevokeKey(ctx context.Context, workspaceID, keyID string, r workspace.Revocation) (bool, error) {
	ownerID, err := queryOne(ctx, t.reader, single[string], `
		UPDATE keys SET revoked_at = $3, revoked_by = $4, revoked_reason = $5
		WHERE id = $1 AND workspace_id = $2 AND revoked_at IS NULL RETURNING owner_id`,
		keyID, workspaceID, moment(r.At), optional(r.By), r.Reason)
	if errors.Is(err, workspace.ErrNotFound) {
		_, err := t.Key(ctx, workspace.KeyLookup{WorkspaceID: workspaceID, ID: keyID})
		return false, err
	}
	if err != nil {
		return false, err
	}
	if err := t.setRevoked(ctx, keyID, 1); err != nil {
		return false, err
	}
	if err := t.countKeys(ctx, workspaceID, ownerID, -1, 1); err != nil {
		return false, err
	}
	return true, t.noteChange(ctx, keyChange, workspaceID, keyID)
}

// RestoreKey implements [workspace.ChangeTx].
func (t *changeTx) RestoreKey(ctx context.Context, workspaceID, keyID string) (bool, error) {
	ownerID, err := queryOne(ctx, t.reader, single[string], `
		UPDATE keys SET revoked_at = NULL, revoked_by = NULL, revoked_reason = ''
		WHERE id = $1 AND workspace_id = $2 AND revoked_at IS NOT NULL RETURNING owner_id`, keyID, workspaceID)
	if err != nil {
		if errors.Is(err, workspace.ErrNotFound) {
			err = nil
		}
		return false, err
	}
	if err := t.setRevoked(ctx, keyID, 0); err != nil {
		return false, err
	}
	if err := t.countKeys(ctx, workspaceID, ownerID, 1, -1); err != nil {
		return false, err
	}
	return true, t.noteChange(ctx, keyChange, workspaceID, keyID)
}

// setRevoked marks a key's last use as that of a revoked key (1) or not (0).
func (t *changeTx) setRevoked(ctx context.Context, keyID string, revoked int) error {
	_, err := t.exec(ctx, `UPDATE last_uses SET revoked = $2 WHERE key_id = $1`, keyID, revoked)
	return err
}
