package store

import (
	"fmt"
	"strings"

	"github.com/keylodge/keylodge/internal/workspace"
)

// everybodys is true of every key, and marks the indexes of everybody's keys:
// see 0002_keys.sql.
const everybodys = `algorithm <> ''`

// keyConditions returns the conditions of the keys that a query lists. The
// workspace's id is their first argument.
func keyConditions(list keyList, q workspace.KeyQuery) *conditions {
	var where conditions
	order := list.orderOf(q)
	if order.byUse {
		where.add(`lu.workspace_id = $%d`, q.WorkspaceID)
		where.add(fmt.Sprintf(`lu.revoked = %d`, list.revoked))
	} else {
		where.add(`workspace_id = $%d`, q.WorkspaceID)
	}
	if list.timed {
		where.add(list.condition, moment(q.Now))
	} else {
		where.add(list.condition)
	}
	switch {
	case q.OwnerID != "":
		where.add(`owner_id = $%d`, q.OwnerID)
	case order.oneIndex:
		where.add(fmt.Sprintf(`CASE WHEN revoked_at IS NULL THEN 0 ELSE 1 END = %d`, list.revoked))
	case !order.byUse:
		where.add(everybodys)
	}
	filterKeys(&where, q, order)
	return &where
}

// filterKeys adds what a user has narrowed the list by.
func filterKeys(where *conditions, q workspace.KeyQuery, order keyOrder) {
	used := `(SELECT lu.last_used_at FROM last_uses lu WHERE lu.key_id = keys.id)`
	if order.byUse {
		used = order.column
	}
	if q.Text != "" {
		searchKeys(where, q)
	}
	if q.Owner != "" {
		where.add(`owner_id = $%d`, q.Owner)
	}
	if q.FullAccess {
		where.add(`scopes = ''`)
	}
	if q.Restricted {
		where.add(`scopes <> ''`)
	}
	if q.NeverUsed {
		where.add(used + ` = 0`)
	}
	if !q.UnusedSince.IsZero() {
		where.add(`created_at < $%d AND `+used+` < $%d`, moment(q.UnusedSince), moment(q.UnusedSince))
	}
	if q.WeakOwner {
		where.add(`owner_id IN (` + weakOwners + `)`)
	}
	if q.NeverExpires {
		where.add(`expires_at IS NULL`)
	}
	if !q.ExpiresBefore.IsZero() {
		where.add(`expires_at < $%d`, moment(q.ExpiresBefore))
	}
}

// searchKeys adds that a key has q.Text in it, or one of the owners that have.
func searchKeys(where *conditions, q workspace.KeyQuery) {
	text, args := `search LIKE $%d ESCAPE '\'`, []any{containing(q.Text)}
	if len(q.OwnersLike) > 0 {
		for _, id := range q.OwnersLike {
			args = append(args, id)
		}
		text += ` OR owner_id IN (` + strings.TrimPrefix(strings.Repeat(`, $%d`, len(q.OwnersLike)), `, `) + `)`
	}
	where.add(text, args...)
}
