package store

import (
	"context"

	"github.com/keylodge/keylodge/internal/secret"
	"github.com/keylodge/keylodge/internal/workspace"
)

const (
	keyFields = `k.id, k.workspace_id, k.owner_id, k.name, k.hint, k.digest, k.secret_number,
		k.created_by, k.created_at, k.expires_at, k.ended, k.disabled_at, k.disabled_by, k.revoked_at, k.revoked_by,
		k.revoked_reason, k.nonce, k.owner_name, k.warned, k.narrowed_by, ` + limitFields

	limitFields = `k.scopes, k.addresses, k.rate_requests, k.rate_window`

	listedFields = keyFields + `, owner.name, owner.email, m.active, owner.service, m.removed_at IS NOT NULL,
		creator.name, creator.email, disabler.name, disabler.email, revoker.name, revoker.email,
		NULLIF(usage.last_used_at, 0), usage.address, usage.agent`

	// listedJoins adds to keys k what a list shows beside each.
	listedJoins = `
		JOIN members m ON m.workspace_id = k.workspace_id AND m.user_id = k.owner_id
		JOIN users owner ON owner.id = k.owner_id
		LEFT JOIN users creator ON creator.id = k.created_by
		LEFT JOIN users disabler ON disabler.id = k.disabled_by
		LEFT JOIN users revoker ON revoker.id = k.revoked_by
		LEFT JOIN last_uses usage ON usage.key_id = k.id`

	selectListed = `SELECT ` + listedFields + ` FROM keys k` + listedJoins
)

// listedRow is a row of selectListed. Its people are members only so far as a
// display name needs.
type listedRow struct {
	workspace.ListedKey
	owner, creator, disabler, revoker workspace.Member
}

func listedColumns(r *listedRow) []any {
	return []any{
		&r.ID, &r.WorkspaceID, &r.OwnerID, &r.Name, &r.Hint, (*digest)(&r.Digest), &r.SecretNumber,
		(*optional)(&r.CreatedBy),
		(*moment)(&r.CreatedAt), (*moment)(&r.ExpiresAt), &r.Ended, (*moment)(&r.DisabledAt),
		(*optional)(&r.DisabledBy),
		(*moment)(&r.RevokedAt), (*optional)(&r.RevokedBy), &r.RevokedReason, (*optional)(&r.Nonce), &r.OwnerSort,
		&r.Warned, &r.NarrowedBy, (*words)(&r.Limits.Scopes),
		(*networks)(&r.Limits.Networks), &r.Limits.Rate.Requests, (*span)(&r.Limits.Rate.Window), &r.owner.Name,
		&r.owner.Email, &r.OwnerActive, &r.OwnerService, &r.OwnerRemoved,
		(*optional)(&r.creator.Name), (*optional)(&r.creator.Email),
		(*optional)(&r.disabler.Name), (*optional)(&r.disabler.Email),
		(*optional)(&r.revoker.Name), (*optional)(&r.revoker.Email),
		(*moment)(&r.LastUse.At), (*address)(&r.LastUse.IP), (*optional)(&r.LastUse.Agent),
	}
}

// listed returns the row as a list shows it.
func (r listedRow) listed() workspace.ListedKey {
	r.OwnerName = r.owner.DisplayName()
	r.CreatedByName = r.creator.DisplayName()
	r.DisabledByName = r.disabler.DisplayName()
	r.RevokedByName = r.revoker.DisplayName()
	return r.ListedKey
}

// Key implements [workspace.Reader].
func (r reader) Key(ctx context.Context, l workspace.KeyLookup) (workspace.ListedKey, error) {
	var where string
	var args []any
	switch {
	case l.Digest != secret.Digest{}:
		where = `k.id = (SELECT id FROM keys WHERE digest = $1 UNION ALL SELECT key_id FROM old_secrets
			WHERE digest = $1)`
		args = []any{digest(l.Digest)}
	case l.Nonce != "":
		where = `k.workspace_id = $1 AND COALESCE(k.created_by, '') = $2 AND k.nonce = $3`
		args = []any{l.WorkspaceID, l.CreatedBy, l.Nonce}
	case l.AnyWorkspace:
		where, args = `k.id = $1`, []any{l.ID}
	default:
		where, args = `k.id = $1 AND k.workspace_id = $2`, []any{l.ID, l.WorkspaceID}
	}
	row, err := queryOne(ctx, r, listedColumns, selectListed+` WHERE `+where, args...)
	return row.listed(), err
}

// UnrevokedKeys implements [workspace.Reader].
func (r reader) UnrevokedKeys(ctx context.Context, workspaceID, ownerID string, limit int) (
	[]workspace.ListedKey, error) {
	return r.listedKeys(ctx, selectListed+`
		WHERE k.workspace_id = $1 AND k.owner_id = $2 AND k.revoked_at IS NULL
		ORDER BY COALESCE(usage.last_used_at, 0) DESC, k.id LIMIT $3`, workspaceID, ownerID, limit)
}

// listedKeys returns the rows of a query that selects listedFields.
func (r reader) listedKeys(ctx context.Context, text string, args ...any) ([]workspace.ListedKey, error) {
	rows, err := queryAll(ctx, r, listedColumns, text, args...)
	keys := make([]workspace.ListedKey, 0, len(rows))
	for _, row := range rows {
		keys = append(keys, row.listed())
	}
	return keys, err
}

// InsertKey implements [workspace.ChangeTx].
func (t *changeTx) InsertKey(ctx context.Context, k workspace.Key) error {
	n, err := t.exec(ctx, `
		INSERT INTO keys (id, workspace_id, owner_id, name, hint, algorithm, digest, created_by, created_at,
			expires_at, disabled_at, disabled_by, revoked_at, revoked_by, nonce, scopes, addresses, rate_requests,
				rate_window, search, warned, ended, owner_name)
		VALUES ($1, $2, $3, $4, $5, 'sha256', $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20,
			$21,
			(SELECT `+ownerSort+` FROM users u WHERE u.id = $3))
		ON CONFLICT (workspace_id, COALESCE(created_by, ''), nonce) WHERE nonce IS NOT NULL DO NOTHING`,
		k.ID, k.WorkspaceID, k.OwnerID, k.Name, k.Hint, digest(k.Digest), optional(k.CreatedBy), moment(k.CreatedAt),
		moment(k.ExpiresAt), moment(k.DisabledAt), optional(k.DisabledBy), moment(k.RevokedAt), optional(k.RevokedBy),
		optional(k.Nonce), words(k.Limits.Scopes), networks(k.Limits.Networks), k.Limits.Rate.Requests,
		span(k.Limits.Rate.Window), k.KeySearch(), k.Warned, k.Ended)
	if err := inserted(n, err, "This key has been created already."); err != nil {
		return err
	}
	_, err = t.exec(ctx, `
		INSERT INTO last_uses (key_id, workspace_id, revoked, last_used_at, address, agent)
		VALUES ($1, $2, $3, 0, '', '')`, k.ID, k.WorkspaceID, revokedKeys(k))
	if err != nil {
		return err
	}
	if err := t.countKey(ctx, k, 1); err != nil {
		return err
	}
	return t.noteChange(ctx, keyChange, k.WorkspaceID, k.ID)
}

// ownerSort is the name of user u as lists sort by it.
const ownerSort = `LOWER(COALESCE(NULLIF(u.name, ''), u.email, ''))`

// SortKeys implements [workspace.JobTx]. It holds the owner's row, so that the
// name stays as it is until the transaction ends.
func (t *tx) SortKeys(ctx context.Context, s workspace.KeySorting, limit int) (int, error) {
	if err := found(t.exec(ctx, `UPDATE users SET name = name WHERE id = $1`, s.OwnerID)); err != nil {
		return 0, err
	}
	name, err := queryOne(ctx, t.reader, single[string], `SELECT `+ownerSort+` FROM users u WHERE u.id = $1`, s.OwnerID)
	if err != nil {
		return 0, err
	}
	sorted := 0
	for revoked := range 2 { // as keys_by_owner has them
		n, err := t.exec(ctx, `
			UPDATE keys SET owner_name = $1 WHERE id IN (
				SELECT id FROM keys
				WHERE workspace_id = $2 AND CASE WHEN revoked_at IS NULL THEN 0 ELSE 1 END = $3
					AND owner_name = LOWER($4) AND owner_id = $5 AND owner_name <> $1
				LIMIT $6)`, name, s.WorkspaceID, revoked, s.Before, s.OwnerID, limit-sorted)
		if err != nil {
			return sorted, err
		}
		sorted += int(n)
	}
	return sorted, nil
}
