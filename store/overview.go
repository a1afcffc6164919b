package store

import (
	"context"
	"fmt"
	"time"

	"github.com/keylodge/keylodge/internal/workspace"
)

// weakOwners are the active people of workspace $1 who own keys that are not
// revoked, and have neither an authenticator app nor a passkey.
const weakOwners = `
	SELECT m.user_id FROM members m JOIN users u ON u.id = m.user_id
	WHERE m.workspace_id = $1 AND m.active AND m.unrevoked_keys > 0 AND NOT u.service
		AND NOT EXISTS (SELECT 1 FROM totps t WHERE t.user_id = m.user_id)
		AND NOT EXISTS (SELECT 1 FROM passkeys p WHERE p.user_id = m.user_id)`

// KeyHealth implements [workspace.Reader]. Each count stops where
// [workspace.CountedUpTo] does, so that its cost is bounded.
func (r reader) KeyHealth(ctx context.Context, workspaceID string, now, unusedSince, expiresBefore time.Time) (
	h workspace.KeyHealth, err error) {
	const live = `revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $2)`
	for _, count := range []struct {
		into *int
		rows string
		args []any
	}{
		{&h.Unused, `SELECT 1 FROM last_uses lu JOIN keys k ON k.id = lu.key_id
			WHERE lu.workspace_id = $1 AND lu.revoked = 0 AND lu.last_used_at < $3 AND k.created_at < $3
				AND (k.expires_at IS NULL OR k.expires_at > $2)`, []any{moment(unusedSince)}},
		{&h.Expiring, `
			SELECT 1 FROM keys WHERE workspace_id = $1 AND revoked_at IS NULL AND expires_at IS NOT NULL
				AND algorithm <> ''
			AND expires_at > $2 AND expires_at < $3`, []any{moment(expiresBefore)}},
		{&h.Endless, `SELECT 1 FROM keys WHERE workspace_id = $1 AND CASE WHEN revoked_at IS NULL THEN 0 ELSE 1 END = 0
			AND ` + expiryOrFarFuture + ` = ` + fmt.Sprint(farFuture) + ` AND CAST($2 AS BIGINT) > 0`, nil},
		{&h.FullAccess, `SELECT 1 FROM keys WHERE workspace_id = $1 AND ` + live + ` AND scopes = ''`, nil},
		{&h.WeakOwners, weakOwners + ` AND CAST($2 AS BIGINT) > 0`, nil},
	} {
		args := append([]any{workspaceID, moment(now)}, count.args...)
		*count.into, err = queryOne(ctx, r, single[int], `
			SELECT COUNT(*) FROM (`+count.rows+` LIMIT 1001) counted`, args...)
		if err != nil {
			return h, err
		}
	}
	return h, nil
}

// recordTotals adds counts of keys to those of their workspaces.
func (r reader) recordTotals(ctx context.Context, counts []workspace.HourCount) error {
	args := make([]any, 0, 4*len(counts))
	for _, c := range counts {
		args = append(args, c.KeyID, moment(c.Hour), string(c.Decision), c.Checks)
	}
	_, err := r.exec(ctx, `
		WITH news (key_id, hour, decision, checks) AS (
			VALUES `+places(len(counts), 4, asText, asBigint, asText, asBigint)+`)
		INSERT INTO workspace_hours (workspace_id, hour, decision, checks)
		SELECT u.workspace_id, news.hour, news.decision, CAST(SUM(news.checks) AS BIGINT) FROM news
			JOIN last_uses u ON u.key_id = news.key_id
		WHERE TRUE GROUP BY u.workspace_id, news.hour, news.decision ORDER BY u.workspace_id, news.hour, news.decision
		ON CONFLICT (workspace_id, hour, decision) DO UPDATE SET checks = workspace_hours.checks + excluded.checks`,
		args...)
	return err
}
