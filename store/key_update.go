package store

import (
	"context"
	"slices"

	"github.com/keylodge/keylodge/internal/workspace"
)

// UpdateKey implements [workspace.ChangeTx]. It returns [workspace.ErrNotFound]
// when the workspace has no such key.
func (t *changeTx) UpdateKey(ctx context.Context, was, k workspace.Key) error {
	var set assignments
	assignKey(&set, was, k)
	if len(set.texts) > 0 && !was.RevokedAt.IsZero() {
		return t.whyNotUpdated(ctx, was)
	}
	assignRevocation(&set, was, k)
	if len(set.texts) == 0 {
		return workspace.ErrNothingChanged
	}
	where := conditions{args: set.args}
	where.add(`id = $%d AND workspace_id = $%d`, was.ID, was.WorkspaceID)
	where.add(`owner_id = $%d AND secret_number = $%d`, was.OwnerID, was.SecretNumber)
	where.add(`disabled_at IS NOT DISTINCT FROM $%d`, moment(was.DisabledAt))
	where.add(`revoked_at IS NOT DISTINCT FROM $%d`, moment(was.RevokedAt))
	changed, err := t.exec(ctx, `UPDATE keys SET `+set.text()+` WHERE `+where.text(), where.args...)
	if err != nil {
		return err
	}
	if changed == 0 {
		return t.whyNotUpdated(ctx, was)
	}
	if err := t.recountKey(ctx, was, k); err != nil {
		return err
	}
	return t.noteChange(ctx, keyChange, k.WorkspaceID, k.ID)
}

// whyNotUpdated returns why a key could not be updated.
func (t *changeTx) whyNotUpdated(ctx context.Context, was workspace.Key) error {
	_, err := t.Key(ctx, workspace.KeyLookup{WorkspaceID: was.WorkspaceID, ID: was.ID})
	if err != nil {
		return err
	}
	return workspace.ErrKeyChanged
}

// assignKey assigns what differs between two versions of a key, but for the
// revocation. Columns of which nothing differs are not written: transactions
// without a change number may write some of them at the same time, such as
// warned. Columns go in groups, so that the statements to prepare stay few.
func assignKey(set *assignments, was, k workspace.Key) {
	set.when(k.OwnerID != was.OwnerID, `owner_id = $%d, owner_name = (SELECT `+ownerSort+`
		FROM users u WHERE u.id = $%d)`, k.OwnerID, k.OwnerID)
	set.when(k.SecretNumber != was.SecretNumber || k.Digest != was.Digest || k.Hint != was.Hint,
		`secret_number = $%d, digest = $%d, hint = $%d`, k.SecretNumber, digest(k.Digest), k.Hint)
	set.when(k.KeySearch() != was.KeySearch(), `search = $%d`, k.KeySearch())
	set.when(k.Warned != was.Warned, `warned = $%d`, k.Warned)
	set.when(!k.DisabledAt.Equal(was.DisabledAt) || k.DisabledBy != was.DisabledBy,
		`disabled_at = $%d, disabled_by = $%d`, moment(k.DisabledAt), optional(k.DisabledBy))
	l := k.Limits
	set.when(k.Name != was.Name || !k.ExpiresAt.Equal(was.ExpiresAt) || k.Ended != was.Ended ||
		k.NarrowedBy != was.NarrowedBy || !sameLimits(l, was.Limits), `name = $%d, expires_at = $%d, ended = $%d,
		narrowed_by = $%d, scopes = $%d, addresses = $%d, rate_requests = $%d, rate_window = $%d`,
		k.Name, moment(k.ExpiresAt), k.Ended, k.NarrowedBy, words(l.Scopes), networks(l.Networks), l.Rate.Requests,
		span(l.Rate.Window))
}

func sameLimits(a, b workspace.Limits) bool {
	return a.Rate == b.Rate && slices.Equal(a.Scopes, b.Scopes) && slices.Equal(a.Networks, b.Networks)
}

func assignRevocation(set *assignments, was, k workspace.Key) {
	set.when(!k.RevokedAt.Equal(was.RevokedAt) || k.RevokedBy != was.RevokedBy || k.RevokedReason != was.RevokedReason,
		`revoked_at = $%d, revoked_by = $%d, revoked_reason = $%d`,
		moment(k.RevokedAt), optional(k.RevokedBy), k.RevokedReason)
}

// recountKey moves a key between the counts that members' rows keep of their
// keys, and marks its last use as that of a revoked key or not.
func (t *changeTx) recountKey(ctx context.Context, was, k workspace.Key) error {
	if k.OwnerID == was.OwnerID && revokedKeys(k) == revokedKeys(was) {
		return nil
	}
	_, err := t.exec(ctx, `UPDATE last_uses SET revoked = $2 WHERE key_id = $1`, k.ID, revokedKeys(k))
	if err != nil {
		return err
	}
	if err := t.countKey(ctx, was, -1); err != nil {
		return err
	}
	return t.countKey(ctx, k, 1)
}

// countKey adds n to the count of its owner's keys that a key belongs to: of
// those that are revoked, or of the others.
func (t *changeTx) countKey(ctx context.Context, k workspace.Key, n int) error {
	revoked := n * revokedKeys(k)
	_, err := t.exec(ctx, `
		UPDATE members SET unrevoked_keys = unrevoked_keys + $3, revoked_keys = revoked_keys + $4
		WHERE workspace_id = $1 AND user_id = $2`, k.WorkspaceID, k.OwnerID, n-revoked, revoked)
	return err
}

// revokedKeys returns 1 for a revoked key and 0 for any other.
func revokedKeys(k workspace.Key) int {
	if k.RevokedAt.IsZero() {
		return 0
	}
	return 1
}
