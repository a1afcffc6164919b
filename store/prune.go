package store

import (
	"context"
	"fmt"

	"github.com/keylodge/keylodge/internal/workspace"
)

// pruned is a table from which [workspace.Tx].Prune deletes rows.
type pruned struct {
	table     string
	key       string // primary key
	condition string // of rows to delete
	before    []any  // the moments in the condition, from $2 on
}

func prunedTables(r workspace.Retention) []pruned {
	return []pruned{
		{"sessions", "digest", `seen_at < $2 OR created_at < $3`,
			[]any{moment(r.SessionsSeen), moment(r.SessionsBegun)}},
		{"one_time_tokens", "digest", `expires_at < $2`, []any{moment(r.OneTimeTokens)}},
		{"throttles", "subject", `last_failed_at < $2 AND (blocked_until IS NULL OR blocked_until < $2)`,
			[]any{moment(r.Throttles)}},
		{"known_devices", "user_id, device", `created_at < $2`, []any{moment(r.KnownDevices)}},
		{"outbox", "id", `given_up_at IS NOT NULL AND given_up_at < $2`, []any{moment(r.Undelivered)}},
		{"key_hours", "key_id, hour, decision", `hour < $2`, []any{moment(r.UsageHours)}},
		{"workspace_hours", "workspace_id, hour, decision", `hour < $2`, []any{moment(r.UsageHours)}},
		{"usage_batches", "id", `recorded_at < $2`, []any{moment(r.UsageBatches)}},
		{"jobs", "id", `ended_at IS NOT NULL AND ended_at < $2`, []any{moment(r.Jobs)}},
	}
}

// Prune implements [workspace.Tx].
func (t *tx) Prune(ctx context.Context, r workspace.Retention) (more bool, err error) {
	for _, p := range prunedTables(r) {
		n, err := t.exec(ctx, fmt.Sprintf(`
			DELETE FROM %[1]s WHERE (%[2]s) IN (SELECT %[2]s FROM %[1]s WHERE %[3]s LIMIT $1)`,
			p.table, p.key, p.condition), append([]any{r.Limit}, p.before...)...)
		if err != nil {
			return false, err
		}
		more = more || n >= int64(r.Limit)
	}
	return more, nil
}
