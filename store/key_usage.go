package store

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/keylodge/keylodge/internal/workspace"
)

// usageRows is how many rows one statement writes, as many as there still are.
// Their texts are few, so that they can be kept prepared.
var usageRows = []int{64, 8, 1}

// chunks cuts rows into parts as long as usageRows says.
func chunks[T any](rows []T) iter.Seq[[]T] {
	return func(yield func([]T) bool) {
		for _, n := range usageRows {
			for ; len(rows) >= n; rows = rows[n:] {
				if !yield(rows[:n]) {
					return
				}
			}
		}
	}
}

// RecordUsage keeps the newest use of each key and adds up the counts, all of
// it or nothing. Uses of keys that no longer exist are passed over, and so is a
// batch that was recorded before. Rows go in the order of their primary keys,
// so that two nodes that record at once wait for each other rather than block
// each other.
func (s *Store) RecordUsage(ctx context.Context, b workspace.UsageBatch) error {
	slices.SortFunc(b.Uses, func(a, b workspace.KeyUse) int { return strings.Compare(a.KeyID, b.KeyID) })
	slices.SortFunc(b.Counts, func(a, b workspace.HourCount) int {
		return cmp.Or(strings.Compare(a.KeyID, b.KeyID), a.Hour.Compare(b.Hour), cmp.Compare(a.Decision, b.Decision))
	})
	slices.SortFunc(b.Sources, func(a, b workspace.KeySource) int {
		return cmp.Or(strings.Compare(a.KeyID, b.KeyID), cmp.Compare(a.SecretNumber, b.SecretNumber),
			a.IP.Compare(b.IP), strings.Compare(a.Agent, b.Agent), cmp.Compare(a.Decision, b.Decision))
	})
	return s.inTransaction(ctx, s.engine.write, func(r reader) error {
		n, err := r.exec(ctx, `
			INSERT INTO usage_batches (id, recorded_at) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING`,
			b.ID, moment(b.At))
		if err != nil || n == 0 {
			return err
		}
		for some := range chunks(b.Uses) {
			if err := r.recordUses(ctx, some); err != nil {
				return err
			}
		}
		for some := range chunks(b.Counts) {
			if err := r.recordCounts(ctx, some); err != nil {
				return err
			}
			if err := r.recordTotals(ctx, some); err != nil {
				return err
			}
		}
		for some := range chunks(b.Sources) {
			if err := r.recordSources(ctx, some); err != nil {
				return err
			}
		}
		return r.forgetOldSources(ctx, b.Sources)
	})
}

func (r reader) recordUses(ctx context.Context, uses []workspace.KeyUse) error {
	args := make([]any, 0, 4*len(uses))
	for _, u := range uses {
		args = append(args, u.KeyID, moment(u.At), address(u.IP), u.Agent)
	}
	_, err := r.exec(ctx, `
		WITH news (key_id, last_used_at, address, agent) AS (
			VALUES `+places(len(uses), 4, asText, asBigint, asText, asText)+`)
		UPDATE last_uses SET last_used_at = news.last_used_at, address = news.address, agent = news.agent FROM news
		WHERE last_uses.key_id = news.key_id AND news.last_used_at > last_uses.last_used_at`, args...)
	return err
}

func (r reader) recordCounts(ctx context.Context, counts []workspace.HourCount) error {
	args := make([]any, 0, 4*len(counts))
	for _, c := range counts {
		args = append(args, c.KeyID, moment(c.Hour), string(c.Decision), c.Checks)
	}
	_, err := r.exec(ctx, `
		INSERT INTO key_hours (key_id, hour, decision, checks)
		VALUES `+places(len(counts), 4)+`
		ON CONFLICT (key_id, hour, decision) DO UPDATE SET checks = key_hours.checks + excluded.checks`, args...)
	return err
}

// Casts for places.
const (
	asText   = `CAST(%s AS TEXT)`
	asBigint = `CAST(%s AS BIGINT)`
)

// places returns rows of placeholders, each of so many columns, for an INSERT.
// Where a database can't tell the type of a column from what the values are
// for, a cast for each column says it.
func places(rows, columns int, casts ...string) string {
	var b strings.Builder
	for i := range rows * columns {
		switch {
		case i == 0:
			b.WriteString("(")
		case i%columns == 0:
			b.WriteString("), (")
		default:
			b.WriteString(", ")
		}
		place := "$" + strconv.Itoa(i+1)
		if casts != nil {
			place = fmt.Sprintf(casts[i%columns], place)
		}
		b.WriteString(place)
	}
	return b.String() + ")"
}

// UsedSince implements [workspace.Reader]. It looks along the keys that were
// used, which an index has in order.
func (r reader) UsedSince(ctx context.Context, workspaceID string, ids []string, since time.Time) (n int, err error) {
	asked := map[string]bool{}
	for _, id := range ids {
		asked[id] = true
	}
	used, err := queryAll(ctx, r, single[string], `
		SELECT key_id FROM last_uses WHERE workspace_id = $1 AND revoked = 0 AND last_used_at >= $2`,
		workspaceID, moment(since))
	for _, id := range used {
		if asked[id] {
			n++
		}
	}
	return n, err
}

// Usage implements [workspace.Reader].
func (r reader) Usage(ctx context.Context, f workspace.UsageFilter) ([]workspace.HourCount, error) {
	if f.KeyID == "" {
		columns := func(c *workspace.HourCount) []any { return []any{(*moment)(&c.Hour), &c.Decision, &c.Checks} }
		return queryAll(ctx, r, columns, `
			SELECT hour, decision, checks FROM workspace_hours WHERE workspace_id = $1 AND hour >= $2
			ORDER BY hour, decision`,
			f.WorkspaceID, moment(f.From))
	}
	columns := func(c *workspace.HourCount) []any {
		return []any{&c.KeyID, (*moment)(&c.Hour), &c.Decision, &c.Checks}
	}
	return queryAll(ctx, r, columns, `
		SELECT key_id, hour, decision, checks FROM key_hours WHERE key_id = $1 AND hour >= $2
		ORDER BY hour, decision`,
		f.KeyID, moment(f.From))
}
