package store

import (
	"cmp"
	"fmt"
	"time"

	"github.com/keylodge/keylodge/internal/workspace"
)

// keyList says which keys the list of a state shows. A condition has the words
// of its partial index, without which SQLite would not use it.
type keyList struct {
	condition string
	timed     bool // the condition compares with the present time
	usual     keyOrder
	revoked   int // 1 for the list of revoked keys
}

// keyOrder says by what a list is sorted.
type keyOrder struct {
	column     string
	place      func(workspace.ListedKey) workspace.KeyCursor // of a key, but for its id
	text       bool                                          // the column is one
	descending bool
	oneIndex   bool // the order has one index for revoked and other keys, which tells them apart
	byUse      bool // the column is one of last_uses
}

// farFuture stands for the expiry of keys that never expire, where keys are
// sorted by it. The index keys_by_expiry has the same number.
const farFuture int64 = 9_000_000_000_000_000_000

// expiryOrFarFuture is the expression of keys_by_expiry.
var expiryOrFarFuture = fmt.Sprintf(`COALESCE(expires_at, %d)`, farFuture)

var (
	byCreation = keyOrder{column: `created_at`, descending: true,
		place: at(func(k workspace.ListedKey) time.Time { return k.CreatedAt })}
	byExpiry = keyOrder{column: `expires_at`, descending: true,
		place: at(func(k workspace.ListedKey) time.Time { return k.ExpiresAt })}
	byRevocation = keyOrder{column: `revoked_at`, descending: true,
		place: at(func(k workspace.ListedKey) time.Time { return k.RevokedAt })}
)

var keyLists = map[workspace.KeyState]keyList{
	workspace.KeyActive: {
		condition: `revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $%d)`, timed: true, usual: byCreation,
	},
	workspace.KeyExpired: {
		condition: `revoked_at IS NULL AND expires_at IS NOT NULL AND expires_at <= $%d`, timed: true, usual: byExpiry,
	},
	workspace.KeyRevoked: {condition: `revoked_at IS NOT NULL`, usual: byRevocation, revoked: 1},
}

var keyOrders = map[workspace.KeyOrder]keyOrder{
	workspace.SortByCreation: byCreation,
	workspace.SortByName: {column: `search`, text: true, oneIndex: true,
		place: func(k workspace.ListedKey) workspace.KeyCursor { return workspace.KeyCursor{Text: k.KeySearch()} }},
	workspace.SortByOwner: {column: `owner_name`, text: true, oneIndex: true,
		place: func(k workspace.ListedKey) workspace.KeyCursor { return workspace.KeyCursor{Text: k.OwnerSort} }},
	workspace.SortByUse: {column: `lu.last_used_at`, byUse: true,
		place: at(func(k workspace.ListedKey) time.Time { return cmp.Or(k.LastUse.At, time.UnixMicro(0)) })},
	workspace.SortByExpiry: {column: expiryOrFarFuture, oneIndex: true,
		place: at(func(k workspace.ListedKey) time.Time { return cmp.Or(k.ExpiresAt, time.UnixMicro(farFuture)) })},
}

func at(of func(workspace.ListedKey) time.Time) func(workspace.ListedKey) workspace.KeyCursor {
	return func(k workspace.ListedKey) workspace.KeyCursor { return workspace.KeyCursor{At: of(k)} }
}

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
