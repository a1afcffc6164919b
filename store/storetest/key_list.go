package storetest

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/keylodge/keylodge/internal/workspace"
)

// inState makes key n one that is in the state at epoch+1h, with times of which
// every three are equal.
func inState(s workspace.KeyState) func(int, *workspace.Key) {
	return func(n int, k *workspace.Key) {
		at := epoch.Add(time.Duration(n/3) * time.Second)
		k.CreatedAt = epoch.Add(-time.Duration(n) * time.Hour) // sorts the other way round
		switch s {
		case workspace.KeyActive:
			k.CreatedAt = at
			if n%2 == 0 {
				k.ExpiresAt = listedAt.Add(time.Microsecond)
			}
		case workspace.KeyExpired:
			k.ExpiresAt = at
		case workspace.KeyRevoked:
			k.RevokedAt = at
			if n%2 == 0 {
				k.ExpiresAt = epoch.Add(-time.Hour) // revoked goes before expired
			}
		}
	}
}

var listedAt = epoch.Add(time.Hour)

// page returns the ids on the page that q asks for, and the page.
func (f *fixture) page(q workspace.KeyQuery) ([]string, workspace.KeyPage) {
	f.Helper()
	q.Now = listedAt
	p, err := f.Keys(f.ctx, q)
	f.must(err)
	var ids []string
	for _, k := range p.Keys {
		ids = append(ids, k.ID)
	}
	return ids, p
}

// through walks an address bar's cursor, as text, to the page beside it.
func through(q workspace.KeyQuery, c workspace.KeyCursor) workspace.KeyQuery {
	q.From = workspace.ParseKeyCursor(c.String(), c.Before)
	return q
}

// idsDown returns the ids of keys from-1 down to to.
func idsDown(from, to int) (ids []string) {
	for n := from - 1; n >= to; n-- {
		ids = append(ids, testKeyID(n))
	}
	return ids
}

var listTests = map[string]func(*fixture){
	"each state is paged forward and back, the newest first": func(f *fixture) {
		m := f.addMember(1, 1, workspace.RoleAdmin)
		for i, state := range workspace.KeyStates {
			from, to := i*100, i*100+23
			f.addKeys(m, from, to, inState(state))
			q := workspace.KeyQuery{WorkspaceID: m.WorkspaceID, State: state, Limit: 5}
			var pages [][]string
			ids, page := f.page(q)
			equal(f, "cursor before the first page", page.Prev, workspace.KeyCursor{})
			pages = append(pages, ids)
			for !page.Next.IsZero() {
				ids, page = f.page(through(q, page.Next))
				pages = append(pages, ids)
			}
			equal(f, fmt.Sprint(state, " keys in pages"), pages, slices.Collect(slices.Chunk(idsDown(to, from), 5)))
			for n := len(pages) - 2; n >= 0; n-- {
				ids, page = f.page(through(q, page.Prev))
				equal(f, fmt.Sprint(state, " page ", n, " on the way back"), ids, pages[n])
				if page.Next.IsZero() {
					f.Fatalf("page %d on the way back has no next page", n)
				}
			}
			equal(f, "cursor before the first page", page.Prev, workspace.KeyCursor{})
		}
	},
	"a full last page has no next": func(f *fixture) {
		m := f.addMember(1, 1, workspace.RoleAdmin)
		f.addKeys(m, 0, 10, nil)
		q := workspace.KeyQuery{WorkspaceID: m.WorkspaceID, State: workspace.KeyActive, Limit: 5}
		_, page := f.page(q)
		ids, page := f.page(through(q, page.Next))
		equal(f, "second page", ids, idsDown(5, 0))
		equal(f, "next", page.Next, workspace.KeyCursor{})
		q.Limit = 10
		_, page = f.page(q)
		equal(f, "next of the only page", page.Next, workspace.KeyCursor{})
	},
	"a page whose keys are gone is the first page": func(f *fixture) {
		m := f.addMember(1, 1, workspace.RoleAdmin)
		keys := f.addKeys(m, 0, 6, nil)
		q := workspace.KeyQuery{WorkspaceID: m.WorkspaceID, State: workspace.KeyActive, Limit: 5}
		_, page := f.page(q)
		f.revoke(keys[0], "", epoch)
		ids, last := f.page(through(q, page.Next))
		equal(f, "keys", ids, idsDown(6, 1))
		equal(f, "its next", last.Next, workspace.KeyCursor{})
	},
	"going back to a first page that has lost keys fills it": func(f *fixture) {
		m := f.addMember(1, 1, workspace.RoleAdmin)
		keys := f.addKeys(m, 0, 12, nil)
		q := workspace.KeyQuery{WorkspaceID: m.WorkspaceID, State: workspace.KeyActive, Limit: 5}
		_, page := f.page(q)
		_, second := f.page(through(q, page.Next))
		f.revoke(keys[11], "", epoch)
		ids, _ := f.page(through(q, second.Prev))
		equal(f, "keys", ids, idsDown(11, 6))
	},
	"a list is one workspace's, and one member's when asked": func(f *fixture) {
		anna, ben, elsewhere := f.addMember(1, 1, workspace.RoleAdmin), f.addMember(1, 2, workspace.RoleAdmin),
			f.addMember(2, 1, workspace.RoleAdmin)
		for i, state := range workspace.KeyStates {
			f.addKeys(anna, i*100, i*100+7, inState(state))
			f.addKeys(ben, i*100+50, i*100+54, inState(state))
			f.addKeys(elsewhere, i*100+80, i*100+82, inState(state))
			q := workspace.KeyQuery{WorkspaceID: anna.WorkspaceID, State: state, Limit: 100}
			ids, _ := f.page(q)
			equal(f, "everybody's", ids, append(idsDown(i*100+54, i*100+50), idsDown(i*100+7, i*100)...))
			q.OwnerID, q.Limit = anna.UserID, 4
			ids, page := f.page(q)
			equal(f, "Anna's", ids, idsDown(i*100+7, i*100+3))
			ids, page = f.page(through(q, page.Next))
			equal(f, "the rest of Anna's", ids, idsDown(i*100+3, i*100))
			ids, _ = f.page(through(q, page.Prev))
			equal(f, "back to Anna's first", ids, idsDown(i*100+7, i*100+3))
			q.WorkspaceID = elsewhere.WorkspaceID
			ids, _ = f.page(q)
			equal(f, "Anna's elsewhere", ids, idsDown(i*100+82, i*100+80))
		}
	},
	"a list shows what a key's own page shows": func(f *fixture) {
		m := f.addMember(1, 0, workspace.RoleAdmin)
		keys := f.addKeys(m, 0, 3, nil)
		f.must(record(f, f,
			[]workspace.KeyUse{{KeyID: keys[1].ID, Use: workspace.Use{At: epoch, IP: someIP}}}, nil))
		_, page := f.page(workspace.KeyQuery{WorkspaceID: m.WorkspaceID, State: workspace.KeyActive, Limit: 3})
		for _, got := range page.Keys {
			want, err := f.Key(f.ctx, workspace.KeyLookup{WorkspaceID: m.WorkspaceID, ID: got.ID})
			f.must(err)
			equal(f, "listed key", got, want)
		}
	},
	"every order is paged forward and back": func(f *fixture) {
		anna, ben := f.addMember(1, 1, workspace.RoleAdmin), f.addMember(1, 0, workspace.RoleAdmin)
		f.addKeys(f.addMember(2, 1, workspace.RoleAdmin), 900, 903, nil)
		value := map[workspace.KeyOrder]func(workspace.ListedKey) string{
			workspace.SortByName:  func(k workspace.ListedKey) string { return k.KeySearch() },
			workspace.SortByOwner: func(k workspace.ListedKey) string { return strings.ToLower(k.OwnerName) },
			workspace.SortByCreation: func(k workspace.ListedKey) string {
				return fmt.Sprint(math.MaxInt64 - k.CreatedAt.UnixMicro())
			},
			workspace.SortByUse: func(k workspace.ListedKey) string {
				return k.LastUse.At.Format(time.RFC3339Nano)
			},
			workspace.SortByExpiry: func(k workspace.ListedKey) string {
				return cmp.Or(k.ExpiresAt, time.Unix(1e10, 0)).UTC().Format(time.RFC3339Nano)
			},
		}
		for i, state := range workspace.KeyStates {
			keys := append(f.addKeys(anna, i*100, i*100+7, inState(state)),
				f.addKeys(ben, i*100+50, i*100+56, inState(state))...)
			var uses []workspace.KeyUse
			for n, k := range keys[:9] {
				uses = append(uses,
					workspace.KeyUse{KeyID: k.ID, Use: workspace.Use{At: epoch.Add(time.Duration(n/2) * time.Minute)}})
			}
			f.must(record(f, f, uses, nil))
			for order, of := range value {
				for _, order := range []workspace.KeyOrder{order, "-" + order} {
					what := fmt.Sprint(state, " keys by ", order)
					q := workspace.KeyQuery{WorkspaceID: anna.WorkspaceID, State: state, Order: order, Limit: 100}
					whole, page := f.page(q)
					equal(f, what, len(whole), len(keys))
					equal(f, what+" are sorted", slices.IsSortedFunc(page.Keys, func(a, b workspace.ListedKey) int {
						if _, reversed := order.Reversed(); reversed {
							a, b = b, a
						}
						return strings.Compare(of(a), of(b))
					}), true)
					q.Limit = 5
					ids, page := f.page(q)
					forward := ids
					for !page.Next.IsZero() {
						ids, page = f.page(through(q, page.Next))
						forward = append(forward, ids...)
					}
					equal(f, what+" in pages", forward, whole)
					ids, _ = f.page(through(q, page.Prev))
					equal(f, what+" back", ids, whole[5:10])
				}
			}
		}
	},
	"a key expires at its moment, not before": func(f *fixture) {
		m := f.addMember(1, 1, workspace.RoleAdmin)
		f.addKeys(m, 0, 1, func(_ int, k *workspace.Key) { k.ExpiresAt = listedAt })
		for now, want := range map[time.Time]workspace.KeyState{
			listedAt.Add(-time.Microsecond): workspace.KeyActive, listedAt: workspace.KeyExpired,
		} {
			for _, state := range workspace.KeyStates {
				q := workspace.KeyQuery{WorkspaceID: m.WorkspaceID, State: state, Now: now, Limit: 5}
				page, err := f.Keys(f.ctx, q)
				f.must(err)
				equal(f, fmt.Sprint("listed as ", state), len(page.Keys) == 1, state == want)
				counts, err := f.KeyCounts(f.ctx, q)
				f.must(err)
				equal(f, fmt.Sprint("counted as ", state), counts[state] == 1, state == want)
			}
		}
	},
}
