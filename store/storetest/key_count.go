package storetest

import (
	"fmt"

	"github.com/keylodge/keylodge/internal/workspace"
)

var countTests = map[string]func(*fixture){
	"counts are the lengths of the lists": func(f *fixture) {
		anna, ben := f.addMember(1, 1, workspace.RoleAdmin), f.addMember(1, 2, workspace.RoleAdmin)
		f.addMember(2, 1, workspace.RoleAdmin)
		keys := f.addKeys(anna, 0, 9, inState(workspace.KeyActive))
		f.addKeys(anna, 100, 104, inState(workspace.KeyExpired))
		f.addKeys(ben, 200, 202, inState(workspace.KeyExpired))
		f.addKeys(ben, 300, 303, inState(workspace.KeyRevoked))
		f.revoke(keys[0], "", epoch)
		f.revoke(keys[0], "", epoch)
		for _, c := range []struct {
			owner string
			want  workspace.KeyCounts
		}{
			{"", workspace.KeyCounts{workspace.KeyActive: 8, workspace.KeyExpired: 6, workspace.KeyRevoked: 4}},
			{anna.UserID,
				workspace.KeyCounts{workspace.KeyActive: 8, workspace.KeyExpired: 4, workspace.KeyRevoked: 1}},
			{ben.UserID, workspace.KeyCounts{workspace.KeyActive: 0, workspace.KeyExpired: 2, workspace.KeyRevoked: 3}},
			{"nobody", workspace.KeyCounts{workspace.KeyActive: 0, workspace.KeyExpired: 0, workspace.KeyRevoked: 0}},
		} {
			q := workspace.KeyQuery{WorkspaceID: anna.WorkspaceID, OwnerID: c.owner, Now: listedAt, Limit: 100}
			counts, err := f.KeyCounts(f.ctx, q)
			f.must(err)
			equal(f, "counts of "+c.owner, counts, c.want)
			for state, n := range c.want {
				q.State = state
				ids, _ := f.page(q)
				equal(f, fmt.Sprint("length of ", state), len(ids), n)
			}
		}
	},
}
