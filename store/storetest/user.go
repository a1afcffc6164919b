package storetest

import (
	"fmt"

	"github.com/keylodge/keylodge/internal/workspace"
)

var userTests = map[string]func(*fixture){
	"users come back as they went in": func(f *fixture) {
		for n := range len(names) {
			f.change(func(tx workspace.ChangeTx) error { return tx.InsertUser(f.ctx, testUser(n)) })
			got, err := f.User(f.ctx, workspace.UserLookup{ID: testUser(n).ID})
			f.must(err)
			equal(f, "by id", got, testUser(n))
			got, err = f.User(f.ctx, workspace.UserLookup{Email: testUser(n).Email})
			f.must(err)
			equal(f, "by address", got, testUser(n))
		}
	},
	"an address is one person's": func(f *fixture) {
		second := testUser(2)
		second.Email = testUser(1).Email
		f.change(func(tx workspace.ChangeTx) error { return tx.InsertUser(f.ctx, testUser(1)) })
		f.kind(f.Change(f.ctx, func(tx workspace.ChangeTx) error { return tx.InsertUser(f.ctx, second) }),
			workspace.Conflict)
	},
	"a password is set for one person": func(f *fixture) {
		f.addMember(1, 1, workspace.RoleOwner)
		f.addMember(1, 2, workspace.RoleOwner)
		f.update(func(tx workspace.Tx) error {
			return tx.UpdateUser(f.ctx, testUser(1).ID, workspace.UserUpdate{PasswordHash: "new"})
		})
		for n, want := range map[int]string{1: "new", 2: testUser(2).PasswordHash} {
			u, err := f.User(f.ctx, workspace.UserLookup{ID: testUser(n).ID})
			f.must(err)
			equal(f, fmt.Sprint("password of ", n), u.PasswordHash, want)
		}
		f.kind(f.Update(f.ctx, func(tx workspace.Tx) error {
			return tx.UpdateUser(f.ctx, "nope", workspace.UserUpdate{PasswordHash: "new"})
		}), workspace.NotFound)
	},
	"a text that is not UTF-8, or holds NUL, is not found and is no failure": func(f *fixture) {
		for _, text := range []string{"\xff@example.com", "a\x00b", "person-1@example.com\x00"} {
			_, err := f.User(f.ctx, workspace.UserLookup{Email: text})
			f.kind(err, workspace.NotFound)
		}
	},
	"credentials are held by their version, and raised one by one": func(f *fixture) {
		m, other := f.addMember(1, 1, workspace.RoleOwner), f.addMember(1, 2, workspace.RoleOwner)
		hold := func(userID string, version int64) error {
			return f.Update(f.ctx, func(tx workspace.Tx) error { return tx.HoldCredentials(f.ctx, userID, version) })
		}
		f.must(hold(m.UserID, 0))
		f.kind(hold(m.UserID, 1), workspace.NotFound)
		f.update(func(tx workspace.Tx) error {
			return tx.UpdateUser(f.ctx, m.UserID, workspace.UserUpdate{RaiseCredentials: true})
		})
		f.kind(hold(m.UserID, 0), workspace.NotFound)
		f.must(hold(m.UserID, 1))
		f.must(hold(other.UserID, 0))
		f.kind(hold("usr_nobody", 0), workspace.NotFound)
		user, err := f.User(f.ctx, workspace.UserLookup{ID: m.UserID})
		f.must(err)
		equal(f, "the user's version", user.CredentialVersion, 1)
		s := testSession(1, m)
		f.update(func(tx workspace.Tx) error { return tx.InsertSession(f.ctx, s) })
		got, _, err := f.SessionMember(f.ctx, s.WorkspaceID, s.Digest)
		f.must(err)
		equal(f, "the session's version", got.CredentialVersion, 1)
	},
}
