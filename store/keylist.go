package store

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/keylodge/keylodge/workspace"
)

// keyList says which keys the list of a state shows and by what it is sorted. A condition has the words of its
// partial index, without which SQLite would not use it; $3, where there is one, is the present time.
type keyList struct {
	column, condition string
	at                func(workspace.Key) time.Time // the column of a key
}

var keyLists = map[workspace.KeyState]keyList{
	workspace.Active: {"created_at", `revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $3)`,
		func(k workspace.Key) time.Time { return k.CreatedAt }},
	workspace.Expired: {"expires_at", `revoked_at IS NULL AND expires_at IS NOT NULL AND expires_at <= $3`,
		func(k workspace.Key) time.Time { return k.ExpiresAt }},
	workspace.Revoked: {"revoked_at", `revoked_at IS NOT NULL`,
		func(k workspace.Key) time.Time { return k.RevokedAt }},
}

// everybodys is true of every key, and marks the indexes of everybody's keys: see 0002_keys.sql.
const everybodys = ` AND algorithm <> ''`

// Keys implements [workspace.Reader]. When nothing is left on the page that q.From asks for, or it would be a
// first page that is not full, the first page is returned.
func (r reader) Keys(ctx context.Context, q workspace.KeyQuery) (workspace.KeyPage, error) {
	list, ok := keyLists[q.State]
	if !ok {
		return workspace.KeyPage{}, fmt.Errorf("store: no list of keys in state %q", q.State)
	}
	keys, err := r.keysFrom(ctx, list, q, q.Limit+1)
	if err != nil {
		return workspace.KeyPage{}, err
	}
	more := len(keys) > q.Limit
	if !q.From.IsZero() && (len(keys) == 0 || q.From.Before && !more) {
		q.From = workspace.KeyCursor{}
		return r.Keys(ctx, q)
	}
	return r.keyPage(ctx, list, q, keys[:min(len(keys), q.Limit)], more)
}

// keyPage turns the keys, found in the direction of q.From, into a page. more says whether there are others in
// that direction; what lies behind is asked.
func (r reader) keyPage(ctx context.Context, list keyList, q workspace.KeyQuery, keys []workspace.ListedKey, more bool) (
	workspace.KeyPage, error) {
	page := workspace.KeyPage{Keys: keys}
	if len(keys) == 0 {
		return page, nil
	}
	behind, back := false, q
	if !q.From.IsZero() {
		back.From = workspace.KeyCursor{At: list.at(keys[0].Key), ID: keys[0].ID, Before: !q.From.Before}
		others, err := r.keysFrom(ctx, list, back, 1)
		if err != nil {
			return workspace.KeyPage{}, err
		}
		behind = len(others) > 0
	}
	if q.From.Before {
		slices.Reverse(keys)
		more, behind = behind, more
	}
	if first := keys[0]; behind {
		page.Prev = workspace.KeyCursor{At: list.at(first.Key), ID: first.ID, Before: true}
	}
	if last := keys[len(keys)-1]; more {
		page.Next = workspace.KeyCursor{At: list.at(last.Key), ID: last.ID}
	}
	return page, nil
}

// keysFrom returns up to limit keys beside q.From, the nearest first.
func (r reader) keysFrom(ctx context.Context, list keyList, q workspace.KeyQuery, limit int) ([]workspace.ListedKey, error) {
	args := []any{q.WorkspaceID, limit}
	where := `workspace_id = $1 AND ` + list.condition
	if strings.Contains(where, "$3") {
		args = append(args, moment(q.Now))
	}
	if q.OwnerID == "" {
		where += everybodys
	} else {
		args = append(args, q.OwnerID)
		where += fmt.Sprintf(` AND owner_id = $%d`, len(args))
	}
	where, args = narrowed(q, where, args)
	compare, direction := "<", "DESC"
	if q.From.Before {
		compare, direction = ">", "ASC"
	}
	if !q.From.IsZero() {
		args = append(args, moment(q.From.At), q.From.ID)
		where += fmt.Sprintf(` AND (%s, id) %s ($%d, $%d)`, list.column, compare, len(args)-1, len(args))
	}
	// The page is cut before the joins, so that these never meet more rows than it has.
	return r.listedKeys(ctx, fmt.Sprintf(`
		SELECT `+listedFields+`
		FROM (SELECT * FROM keys WHERE %[1]s ORDER BY %[2]s %[3]s, id %[3]s LIMIT $2) k`+listedJoins+`
		ORDER BY k.%[2]s %[3]s, k.id %[3]s`, where, list.column, direction), args...)
}

// narrowed adds to a condition on keys what a query is narrowed by.
func narrowed(q workspace.KeyQuery, where string, args []any) (string, []any) {
	place := func(value any) string {
		args = append(args, value)
		return fmt.Sprintf("$%d", len(args))
	}
	if q.Text != "" {
		where += ` AND (search LIKE ` + place(containing(q.Text)) + ` ESCAPE '\'`
		if len(q.OwnersLike) > 0 {
			var ids []string
			for _, id := range q.OwnersLike {
				ids = append(ids, place(id))
			}
			where += ` OR owner_id IN (` + strings.Join(ids, ", ") + `)`
		}
		where += `)`
	}
	if q.Owner != "" {
		where += ` AND owner_id = ` + place(q.Owner)
	}
	if q.FullAccess {
		where += ` AND scopes = ''`
	}
	if q.Restricted {
		where += ` AND scopes <> ''`
	}
	if q.NeverUsed {
		where += ` AND NOT EXISTS (SELECT 1 FROM last_uses u WHERE u.key_id = keys.id)`
	}
	if !q.UnusedSince.IsZero() {
		since := place(moment(q.UnusedSince))
		where += ` AND created_at < ` + since + ` AND NOT EXISTS (SELECT 1 FROM last_uses u WHERE u.key_id = keys.id AND u.last_used_at >= ` + since + `)`
	}
	if q.NeverExpires {
		where += ` AND expires_at IS NULL`
	}
	if !q.ExpiresBefore.IsZero() {
		where += ` AND expires_at < ` + place(moment(q.ExpiresBefore))
	}
	return where, args
}

// KeyCounts implements [workspace.Reader]. Members' rows hold the counts; only expired keys, which become so
// without anybody's doing, are counted, in an index.
func (r reader) KeyCounts(ctx context.Context, q workspace.KeyQuery) (workspace.KeyCounts, error) {
	args := []any{q.WorkspaceID, moment(q.Now)}
	ofMember, ofOwner := "", everybodys
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
		workspace.Active:  c.unrevoked - c.expired,
		workspace.Expired: c.expired,
		workspace.Revoked: c.revoked,
	}, nil
}
