package storetest

import (
	"time"

	"github.com/keylodge/keylodge/internal/secret"
	"github.com/keylodge/keylodge/internal/workspace"
)

// prune deletes all that r names in one go.
func (f *fixture) prune(tx workspace.Tx, r workspace.Retention) error {
	r.Limit = 100
	more, err := tx.Prune(f.ctx, r)
	equal(f, "more to prune", more, false)
	return err
}

var pruneTests = map[string]func(*fixture){
	"prune deletes a limited number of each table and says that there is more": func(f *fixture) {
		m := f.addMember(1, 1, workspace.RoleAdmin)
		f.update(func(tx workspace.Tx) error {
			for n := range 3 {
				f.must(tx.InsertSession(f.ctx, testSession(n, m)))
			}
			return tx.InsertKnownDevice(f.ctx,
				workspace.KnownDevice{UserID: m.UserID, Digest: secret.DigestOf("device"), CreatedAt: epoch}, 10)
		})
		after := epoch.Add(time.Hour)
		r := workspace.Retention{SessionsSeen: after, KnownDevices: after, Limit: 2}
		for _, want := range []struct {
			more     bool
			sessions int
		}{{true, 1}, {false, 0}} {
			f.update(func(tx workspace.Tx) error {
				more, err := tx.Prune(f.ctx, r)
				equal(f, "more", more, want.more)
				return err
			})
			left, err := f.Sessions(f.ctx, m.WorkspaceID, m.UserID)
			f.must(err)
			equal(f, "sessions left", len(left), want.sessions)
			known, err := f.KnownDevice(f.ctx, m.UserID, secret.DigestOf("device"))
			f.must(err)
			equal(f, "device known", known, false)
		}
	},
	"prune without moments deletes nothing": func(f *fixture) {
		m := f.addMember(1, 1, workspace.RoleAdmin)
		s := testSession(1, m)
		f.update(func(tx workspace.Tx) error {
			f.must(tx.InsertSession(f.ctx, s))
			return f.prune(tx, workspace.Retention{})
		})
		equal(f, "signed in", f.signedIn(s), true)
	},
}
