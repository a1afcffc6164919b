package storetest

import (
	"slices"
	"sync"
	"time"

	"github.com/keylodge/keylodge/internal/workspace"
)

var warningTests = map[string]func(*fixture){
	"keys that end soon are claimed once for each number of days": func(f *fixture) {
		m := f.addMember(1, 1, workspace.RoleOwner)
		const day = 24 * time.Hour
		ends := []time.Duration{-time.Hour, 0, time.Microsecond, 7 * day, 7*day + time.Microsecond, 14 * day, 15 * day}
		keys := f.addKeys(m, 0, len(ends)+2, func(n int, k *workspace.Key) {
			if n < len(ends) {
				k.ExpiresAt = epoch.Add(ends[n])
			}
			if n == len(ends) { // the one after it never ends
				k.ExpiresAt, k.RevokedAt = epoch.Add(day), epoch
			}
		})
		claim := func(days int) (claimed []int) {
			f.update(func(tx workspace.Tx) error {
				found, err := tx.ClaimWarnings(f.ctx, epoch, epoch.AddDate(0, 0, days), days, 100)
				for _, k := range found {
					claimed = append(claimed,
						slices.IndexFunc(keys, func(o workspace.Key) bool { return o.ID == k.ID }))
					equal(f, "warned of", k.Warned, days)
				}
				return err
			})
			slices.Sort(claimed)
			return claimed
		}
		equal(f, "within 7 days", claim(7), []int{2, 3})
		equal(f, "again", claim(7), []int(nil))
		equal(f, "within 14 days", claim(14), []int{4, 5})
		equal(f, "within a day", claim(1), []int{2})
		n, err := f.ExpiringKeys(f.ctx, m.WorkspaceID, "", epoch, epoch.AddDate(0, 0, 14))
		f.must(err)
		equal(f, "ending before", n, 3)
		other := f.addMember(1, 2, workspace.RoleDeveloper)
		n, err = f.ExpiringKeys(f.ctx, m.WorkspaceID, other.UserID, epoch, epoch.AddDate(0, 0, 14))
		f.must(err)
		equal(f, "of another owner", n, 0)
		f.change(func(tx workspace.ChangeTx) error {
			warned, err := tx.Key(f.ctx, workspace.KeyLookup{WorkspaceID: m.WorkspaceID, ID: keys[4].ID})
			f.must(err)
			unwarned := warned.Key
			unwarned.Warned = 0
			return tx.UpdateKey(f.ctx, warned.Key, unwarned)
		})
		f.change(func(tx workspace.ChangeTx) error { return tx.DeleteWorkspace(f.ctx, m.WorkspaceID, epoch) })
		equal(f, "of a deleted workspace", claim(14), []int(nil))
	},
	"who claims at the same time claims others": func(f *fixture) {
		m := f.addMember(1, 1, workspace.RoleOwner)
		f.addKeys(m, 0, 40, func(_ int, k *workspace.Key) { k.ExpiresAt = epoch.Add(time.Hour) })
		writers := f.writers(4)
		claimed := make([][]workspace.ListedKey, len(writers))
		var all sync.WaitGroup
		for i, w := range writers {
			all.Go(func() {
				f.must(w.Update(f.ctx, func(tx workspace.Tx) (err error) {
					claimed[i], err = tx.ClaimWarnings(f.ctx, epoch, epoch.AddDate(0, 0, 1), 1, 1000)
					return err
				}))
			})
		}
		all.Wait()
		equal(f, "claimed", len(slices.Concat(claimed...)), 40)
	},
}
