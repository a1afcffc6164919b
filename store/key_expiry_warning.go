package store

import (
	"context"
	"time"

	"github.com/keylodge/keylodge/internal/workspace"
)

// ClaimWarnings implements [workspace.Tx].
func (t *tx) ClaimWarnings(ctx context.Context, now, until time.Time, days, limit int) (
	keys []workspace.ListedKey, err error) {
	const untold = `(warned = 0 OR warned > $3)`
	ids, err := queryAll(ctx, t.reader, single[string], `
		UPDATE keys SET warned = $3 WHERE `+untold+` AND id IN (
			SELECT k.id FROM keys k JOIN workspaces w ON w.id = k.workspace_id AND w.deleted_at IS NULL
			WHERE k.revoked_at IS NULL AND k.expires_at IS NOT NULL AND k.expires_at > $1 AND k.expires_at <= $2
				AND `+untold+`
			ORDER BY k.expires_at, k.id LIMIT $4)
		RETURNING id`, moment(now), moment(until), days, limit)
	for _, id := range ids {
		key, err := t.Key(ctx, workspace.KeyLookup{ID: id, AnyWorkspace: true})
		if err != nil {
			return nil, err
		}
		keys = append(keys, key)
	}
	return keys, err
}

// ExpiringKeys implements [workspace.Reader].
func (r reader) ExpiringKeys(ctx context.Context, workspaceID, ownerID string, now, before time.Time) (int, error) {
	return queryOne(ctx, r, single[int], `
		SELECT COUNT(*) FROM (SELECT 1 FROM keys WHERE workspace_id = $1 AND ($2 = '' OR owner_id = $2)
			AND revoked_at IS NULL
			AND expires_at IS NOT NULL AND algorithm <> '' AND expires_at > $3 AND expires_at < $4 LIMIT 1001) ending`,
		workspaceID, ownerID, moment(now), moment(before))
}
