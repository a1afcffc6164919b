package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/keylodge/keylodge/internal/workspace"
)

// keyList says which keys the list of a state shows. A condition has the words
// of its partial index, without which SQLite would not use it; $3, where there
// is one, is the present time.
type keyList struct {
	condition string
	usual     keyOrder
	half      string // of the list: see 0002_keys.sql
}

// keyOrder says by what a list is sorted.
type keyOrder struct {
	column     string
	place      func(workspace.ListedKey) workspace.KeyCursor // of a key, but for its id
	text       bool                                          // the column is one
	descending bool
	halves     bool // the order has one index for both halves of the list
	byUse      bool // the column is one of last_uses
}

func at(of func(workspace.ListedKey) time.Time) func(workspace.ListedKey) workspace.KeyCursor {
	return func(k workspace.ListedKey) workspace.KeyCursor { return workspace.KeyCursor{At: of(k)} }
}

var (
	byCreation = keyOrder{column: `created_at`, descending: true,
		place: at(func(k workspace.ListedKey) time.Time { return k.CreatedAt })}

	keyLists = map[workspace.KeyState]keyList{
		workspace.KeyActive: {`revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $3)`, byCreation, "0"},
		workspace.KeyExpired: {`revoked_at IS NULL AND expires_at IS NOT NULL AND expires_at <= $3`,
			keyOrder{column: `expires_at`, descending: true,
				place: at(func(k workspace.ListedKey) time.Time { return k.ExpiresAt })}, "0"},
		workspace.KeyRevoked: {`revoked_at IS NOT NULL`,
			keyOrder{column: `revoked_at`, descending: true,
				place: at(func(k workspace.ListedKey) time.Time { return k.RevokedAt })}, "1"},
	}

	keyOrders = map[workspace.KeyOrder]keyOrder{
		workspace.SortByName: {column: `search`, text: true, halves: true,
			place: func(k workspace.ListedKey) workspace.KeyCursor {
				return workspace.KeyCursor{Text: k.KeySearch()}
			}},
		workspace.SortByOwner: {column: `owner_name`, text: true, halves: true,
			place: func(k workspace.ListedKey) workspace.KeyCursor {
				return workspace.KeyCursor{Text: k.OwnerSort}
			}},
		workspace.SortByCreation: byCreation,
		workspace.SortByUse: {column: `lu.last_used_at`, byUse: true,
			place: at(func(k workspace.ListedKey) time.Time { return cmp.Or(k.LastUse.At, time.UnixMicro(0)) })},
		workspace.SortByExpiry: {column: `COALESCE(expires_at, 9000000000000000000)`, halves: true,
			place: at(func(k workspace.ListedKey) time.Time {
				return cmp.Or(k.ExpiresAt, time.UnixMicro(9000000000000000000))
			})},
	}
)

// orderOf returns the order of a query.
func (l keyList) orderOf(q workspace.KeyQuery) keyOrder {
	plain, reversed := q.Order.Reversed()
	order, ok := keyOrders[plain]
	if !ok {
		order = l.usual
	}
	order.descending = order.descending != reversed
	return order
}

// everybodys is true of every key, and marks the indexes of everybody's keys:
// see 0002_keys.sql.
const everybodys = ` AND algorithm <> ''`

// Keys implements [workspace.Reader]. When nothing is left on the page that
// q.From asks for, or it would be a first page that is not full, the first page
// is returned.
func (r reader) Keys(ctx context.Context, q workspace.KeyQuery) (workspace.KeyPage, error) {
	list, ok := keyLists[q.State]
	if !ok {
		return workspace.KeyPage{}, fmt.Errorf("store: no list of keys in state %q", q.State)
	}
	if !q.From.IsZero() && list.orderOf(q).text != (q.From.Text != "") { // of another order
		q.From = workspace.KeyCursor{}
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

// keyPage turns the keys, found in the direction of q.From, into a page. more
// says whether there are others in that direction; what lies behind is asked.
func (r reader) keyPage(ctx context.Context, list keyList, q workspace.KeyQuery, keys []workspace.ListedKey,
	more bool) (workspace.KeyPage, error) {
	page := workspace.KeyPage{Keys: keys}
	if len(keys) == 0 {
		return page, nil
	}
	behind, back := false, q
	place := func(k workspace.ListedKey, before bool) workspace.KeyCursor {
		c := list.orderOf(q).place(k)
		c.ID, c.Before = k.ID, before
		return c
	}
	if !q.From.IsZero() {
		back.From = place(keys[0], !q.From.Before)
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
		page.Prev = place(first, true)
	}
	if last := keys[len(keys)-1]; more {
		page.Next = place(last, false)
	}
	return page, nil
}

// keysFrom returns up to limit keys beside q.From, the nearest first.
func (r reader) keysFrom(ctx context.Context, list keyList, q workspace.KeyQuery, limit int) (
	[]workspace.ListedKey, error) {
	args := []any{q.WorkspaceID, limit}
	order := list.orderOf(q)
	where := `workspace_id = $1 AND ` + list.condition
	if strings.Contains(where, "$3") {
		args = append(args, moment(q.Now))
	}
	switch {
	case q.OwnerID != "":
		args = append(args, q.OwnerID)
		where += fmt.Sprintf(` AND owner_id = $%d`, len(args))
	case order.halves:
		where += ` AND CASE WHEN revoked_at IS NULL THEN 0 ELSE 1 END = ` + list.half
	case !order.byUse:
		where += everybodys
	}
	from, id := `keys`, `id`
	if order.byUse {
		from, id = `last_uses lu JOIN keys ON keys.id = lu.key_id`, `lu.key_id`
		where = strings.Replace(where, `workspace_id = $1`, `lu.workspace_id = $1 AND lu.revoked = `+list.half, 1)
	}
	where, args = narrowed(q, order, where, args)
	compare, direction := ">", "ASC"
	if order.descending != q.From.Before {
		compare, direction = "<", "DESC"
	}
	if !q.From.IsZero() {
		var value any = q.From.Text
		if !order.text {
			value = q.From.At.UnixMicro()
		}
		args = append(args, value, q.From.ID)
		where += fmt.Sprintf(` AND (%s, %s) %s ($%d, $%d)`, order.column, id, compare, len(args)-1, len(args))
	}
	// The page is cut before the joins, so that these never meet more rows than
	// it has.
	return r.listedKeys(ctx, fmt.Sprintf(`
		SELECT `+listedFields+`
		FROM (SELECT keys.*, %[1]s AS place FROM %[2]s WHERE %[3]s ORDER BY %[1]s %[4]s, %[5]s %[4]s
			LIMIT $2) k`+listedJoins+`
		ORDER BY k.place %[4]s, k.id %[4]s`, order.column, from, where, direction, id), args...)
}

// narrowed adds to a condition on keys what a query is narrowed by.
func narrowed(q workspace.KeyQuery, order keyOrder, where string, args []any) (string, []any) {
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
	used := `(SELECT lu.last_used_at FROM last_uses lu WHERE lu.key_id = keys.id)`
	if order.byUse {
		used = order.column
	}
	if q.NeverUsed {
		where += ` AND ` + used + ` = 0`
	}
	if !q.UnusedSince.IsZero() {
		since := place(moment(q.UnusedSince))
		where += ` AND created_at < ` + since + ` AND ` + used + ` < ` + since
	}
	if q.WeakOwner {
		where += ` AND owner_id IN (` + weakOwners + `)`
	}
	if q.NeverExpires {
		where += ` AND expires_at IS NULL`
	}
	if !q.ExpiresBefore.IsZero() {
		where += ` AND expires_at < ` + place(moment(q.ExpiresBefore))
	}
	return where, args
}

// KeyCounts implements [workspace.Reader]. Members' rows hold the counts; only
// expired keys, which become so without anybody's doing, are counted, in an
// index.
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
		workspace.KeyActive:  c.unrevoked - c.expired,
		workspace.KeyExpired: c.expired,
		workspace.KeyRevoked: c.revoked,
	}, nil
}
