package store

import (
	"context"

	"github.com/keylodge/keylodge/internal/workspace"
)

// KeyCounts implements [workspace.Reader]. Members' rows hold the counts; only
// expired keys, which become so without anybody's doing, are counted, in an
// index.
func (r reader) KeyCounts(ctx context.Context, q workspace.KeyQuery) (workspace.KeyCounts, error) {
	args := []any{q.WorkspaceID, moment(q.Now)}
	ofMember, ofOwner := "", ` AND `+everybodys
	if q.OwnerID != "" {
		args = append(args, q.OwnerID)
		ofMember, ofOwner = ` AND user_id = $3`, ` AND owner_id = $3`
	}
	type counts struct{ unrevoked, revoked, expired int }
	c, err := queryOne(ctx, r, func(c *counts) []any { return []any{&c.unrevoked, &c.revoked, &c.expired} }, `
		SELECT CAST(COALESCE(SUM(unrevoked_keys), 0) AS BIGINT), CAST(COALESCE(SUM(revoked_keys), 0) AS BIGINT),
			(SELECT COUNT(*) FROM keys WHERE workspace_id = $1 AND revoked_at IS NULL
				AND expires_at IS NOT NULL AND expires_at <= $2`+ofOwner+`)
		FROM members WHERE workspace_id = $1`+ofMember, args...)
	if err != nil {
		return nil, err
	}
	return workspace.KeyCounts{
		workspace.KeyActive:  c.unrevoked - c.expired,
		workspace.KeyExpired: c.expired,
		workspace.KeyRevoked: c.revoked,
	}, nil
}
