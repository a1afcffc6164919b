package store

import (
	"context"
	"fmt"
	"slices"

	"github.com/keylodge/keylodge/internal/workspace"
)

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
// reports whether there are others in that direction; what lies behind is
// asked.
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
	order := list.orderOf(q)
	where := keyConditions(list, q)
	from, id := `keys`, `id`
	if order.byUse {
		from, id = `last_uses lu JOIN keys ON keys.id = lu.key_id`, `lu.key_id`
	}
	compare, direction := ">", "ASC"
	if order.descending != q.From.Before {
		compare, direction = "<", "DESC"
	}
	if !q.From.IsZero() {
		var value any = q.From.Text
		if !order.text {
			value = q.From.At.UnixMicro()
		}
		where.add(fmt.Sprintf(`(%s, %s) %s ($%%d, $%%d)`, order.column, id, compare), value, q.From.ID)
	}
	// The page is cut before the joins, so that these never meet more rows than
	// it has.
	return r.listedKeys(ctx, fmt.Sprintf(`
		SELECT `+listedFields+`
		FROM (
			SELECT keys.*, %[1]s AS place FROM %[2]s WHERE %[3]s
			ORDER BY %[1]s %[4]s, %[5]s %[4]s LIMIT %[6]s
		) k`+listedJoins+`
		ORDER BY k.place %[4]s, k.id %[4]s`,
		order.column, from, where.text(), direction, id, where.place(limit)), where.args...)
}
