package storetest

import (
	"time"

	"github.com/keylodge/keylodge/internal/workspace"
)

var passkeyTests = map[string]func(*fixture){
	"a passkey comes back as it went in, and is its owner's": func(f *fixture) {
		m, other := f.addMember(1, 1, workspace.RoleOwner), f.addMember(1, 2, workspace.RoleOwner)
		p := workspace.Passkey{ID: "psk_1", UserID: m.UserID, Credential: []byte{0, 0xff}, Site: "localhost",
			Name: names[1], Data: `{"a":1}`, CreatedAt: epoch}
		f.update(func(tx workspace.Tx) error { return tx.InsertPasskey(f.ctx, p) })
		again := p
		again.ID, again.UserID = "psk_2", other.UserID
		f.kind(f.Update(f.ctx, func(tx workspace.Tx) error { return tx.InsertPasskey(f.ctx, again) }),
			workspace.Conflict)
		p.Data, p.UsedAt = `{"a":2}`, epoch.Add(time.Hour)
		f.update(func(tx workspace.Tx) error { return tx.UsePasskey(f.ctx, p.ID, p.Data, p.UsedAt) })
		got, err := f.Passkeys(f.ctx, workspace.PasskeyFilter{Credential: p.Credential})
		f.must(err)
		equal(f, "by credential", got, []workspace.Passkey{p})
		all, err := f.Passkeys(f.ctx, workspace.PasskeyFilter{UserID: m.UserID})
		f.must(err)
		equal(f, "of its owner", all, []workspace.Passkey{p})
		remove := func(userID string) func(workspace.Tx) error {
			removed := workspace.SignInMethodFilter{UserID: userID, Method: workspace.MethodPasskey, PasskeyID: p.ID}
			return func(tx workspace.Tx) error { return tx.DeleteSignInMethods(f.ctx, removed) }
		}
		f.kind(f.Update(f.ctx, remove(other.UserID)), workspace.NotFound)
		f.update(remove(m.UserID))
		f.kind(f.Update(f.ctx, func(tx workspace.Tx) error { return tx.UsePasskey(f.ctx, p.ID, "", epoch) }),
			workspace.NotFound)
	},
}
