package storetest

import (
	"fmt"
	"time"

	"github.com/keylodge/keylodge/internal/secret"
	"github.com/keylodge/keylodge/internal/workspace"
)

var invitationTests = map[string]func(*fixture){
	"an invitation replaces the one to the same email and returns it": func(f *fixture) {
		m := f.addMember(1, 1, workspace.RoleOwner)
		invitation := func(n int, role workspace.Role) workspace.Invitation {
			return workspace.Invitation{
				ID: fmt.Sprint("inv_", n), WorkspaceID: m.WorkspaceID, Email: "ceo@acme.example", Role: role,
				Digest: secret.DigestOf(fmt.Sprint("invitation ", n)), InvitedBy: m.UserID, CreatedAt: epoch,
				ExpiresAt: epoch.Add(time.Hour),
			}
		}
		var before workspace.Invitation
		for n, role := range []workspace.Role{workspace.RoleOwner, workspace.RoleDeveloper} {
			f.update(func(tx workspace.Tx) error {
				replaced, err := tx.PutInvitation(f.ctx, invitation(n, role))
				equal(f, "the replaced invitation", replaced, before)
				return err
			})
			before = invitation(n, role)
		}
		open, err := f.Invitations(f.ctx, m.WorkspaceID, 10)
		f.must(err)
		equal(f, "open invitations", open, []workspace.Invitation{before})
	},
	"invitations to one email at once never replace one unseen": func(f *fixture) {
		const writers = 8
		m := f.addMember(1, 1, workspace.RoleOwner)
		stores, replaced := f.writers(writers), make([]string, writers)
		made := f.succeeded(all(writers, func(n int) error {
			return stores[n].Update(f.ctx, func(tx workspace.Tx) error {
				before, err := tx.PutInvitation(f.ctx, workspace.Invitation{
					ID: fmt.Sprint("inv_", n), WorkspaceID: m.WorkspaceID, Email: "ceo@acme.example",
					Role:   workspace.RoleOwner,
					Digest: secret.DigestOf(fmt.Sprint("invitation ", n)), CreatedAt: epoch,
					ExpiresAt: epoch.Add(time.Hour),
				})
				replaced[n] = before.ID
				return err
			})
		}), workspace.Conflict)
		seen := map[string]bool{}
		for _, id := range replaced {
			if id != "" {
				seen[id] = true
			}
		}
		if len(seen) != made-1 {
			f.Errorf("%d invitations were made and %d seen to be replaced", made, len(seen))
		}
	},
}
