package storetest

import (
	"time"

	"github.com/keylodge/keylodge/internal/workspace"
)

var overviewTests = map[string]func(*fixture){
	"keys that may want cleaning up are counted": func(f *fixture) {
		m, ended := f.addMember(1, 1, workspace.RoleOwner), f.addMember(2, 1, workspace.RoleOwner)
		const day = 24 * time.Hour
		f.addKeys(ended, 50, 51, nil)
		f.addKeys(m, 0, 6, func(n int, k *workspace.Key) {
			k.CreatedAt = epoch.Add(-time.Duration(n) * 40 * day)
			switch n {
			case 1:
				k.Limits.Scopes = []string{"a"}
			case 2:
				k.ExpiresAt = epoch.Add(day)
			case 3:
				k.ExpiresAt = epoch.Add(20 * day)
			case 4:
				k.ExpiresAt = epoch // it has ended
			case 5:
				k.RevokedAt = epoch
			}
		})
		h, err := f.KeyHealth(f.ctx, m.WorkspaceID, epoch, epoch.Add(-90*day), epoch.Add(14*day))
		f.must(err)
		equal(f, "health", h, workspace.KeyHealth{Unused: 1, Expiring: 1, Endless: 2, FullAccess: 3, WeakOwners: 1})
	},
}
