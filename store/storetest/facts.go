package storetest

import (
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/keylodge/keylodge/internal/secret"
	"github.com/keylodge/keylodge/internal/workspace"
)

// since returns the facts after a number, and fails the test unless they end at
// the newest one.
func (f *fixture) since(number int64) *facts {
	f.Helper()
	var got facts
	newest, err := f.FactsSince(f.ctx, number, &got)
	f.must(err)
	equal(f, "newest number", newest, f.number())
	return &got
}

var factTests = map[string]func(*fixture){
	"an empty database has no facts": func(f *fixture) {
		var got facts
		number, err := f.AllFacts(f.ctx, &got)
		f.must(err)
		equal(f, "number", number, 0)
		equal(f, "facts", len(got.order), 0)
		equal(f, "facts since", len(f.since(0).order), 0)
	},
	"all facts are all, workspaces before members before keys": func(f *fixture) {
		anna, ben := f.addMember(1, 1, workspace.RoleAdmin), f.addMember(2, 2, workspace.RoleMember)
		ben.Active = false
		f.change(func(tx workspace.ChangeTx) error { return tx.UpdateMember(f.ctx, ben) })
		keys := append(f.addKeys(anna, 0, 20, func(n int, k *workspace.Key) {
			if n%2 == 0 {
				k.ExpiresAt, k.Limits = epoch.Add(time.Hour), someLimits
			}
			if n%3 == 0 {
				k.DisabledAt = epoch
			}
		}), f.addKeys(ben, 20, 25, nil)...)
		f.revoke(keys[3], "", epoch)
		var got facts
		number, err := f.AllFacts(f.ctx, &got)
		f.must(err)
		equal(f, "number", number, f.number())
		equal(f, "workspaces and members", slices.Sorted(slices.Values(got.order[:2])), []string{
			"workspace " + anna.WorkspaceID + " acme-1", "workspace " + ben.WorkspaceID + " acme-2",
		})
		equal(f, "members", slices.Sorted(slices.Values(got.order[2:4])), []string{
			"member " + anna.WorkspaceID + " " + anna.UserID + " admin true",
			"member " + ben.WorkspaceID + " " + ben.UserID + " member false",
		})
		equal(f, "number of keys", len(got.order)-4, len(keys))
		for n, k := range keys {
			id, _ := workspace.ParseKeyID(k.ID)
			equal(f, "key "+k.ID, got.keys[k.ID], workspace.KeyFact{
				ID: id, Digest: k.Digest, WorkspaceID: k.WorkspaceID, OwnerID: k.OwnerID, Name: k.Name,
				Limits: k.Limits, ExpiresAt: k.ExpiresAt, Disabled: !k.DisabledAt.IsZero(), Revoked: n == 3,
			})
		}
	},
	"facts since a number are what changed after it, each thing once, as it is now": func(f *fixture) {
		anna := f.addMember(1, 1, workspace.RoleAdmin)
		f.addMember(2, 2, workspace.RoleAdmin)
		keys := f.addKeys(anna, 0, 5, nil)
		before := f.number()
		f.revoke(keys[1], "", epoch)
		anna.Role = workspace.RoleAuditor
		f.change(func(tx workspace.ChangeTx) error { return tx.UpdateMember(f.ctx, anna) })
		anna.Role = workspace.RoleOwner
		f.change(func(tx workspace.ChangeTx) error {
			f.must(tx.UpdateMember(f.ctx, anna))
			return tx.UpdateMember(f.ctx, anna)
		})
		added := f.addKeys(anna, 5, 6, nil)[0]
		f.revoke(added, "", epoch)
		lastButOne := f.number()
		f.change(func(tx workspace.ChangeTx) error { return tx.InsertWorkspace(f.ctx, testWorkspace(3)) })

		got := f.since(before)
		equal(f, "facts", got.sorted(), []string{
			"key " + keys[1].ID, "key " + added.ID, "member " + anna.WorkspaceID + " " + anna.UserID + " owner true",
			"workspace " + testWorkspace(3).ID + " acme-3",
		})
		equal(f, "revoked", got.keys[keys[1].ID].Revoked && got.keys[added.ID].Revoked, true)
		var kinds []string
		for _, fact := range got.order {
			kinds = append(kinds, strings.Fields(fact)[0])
		}
		equal(f, "order", kinds, []string{"workspace", "member", "key", "key"})
		equal(f, "since the last but one", f.since(lastButOne).order,
			[]string{"workspace " + testWorkspace(3).ID + " acme-3"})
		equal(f, "since now", len(f.since(f.number()).order), 0)
	},
	"every kind of change is heard of": func(f *fixture) {
		m := testMember(testWorkspace(1), testUser(1), workspace.RoleOwner)
		k := testKey(1, m)
		disabled := k
		disabled.DisabledAt = epoch
		rotated := disabled
		rotated.Digest, rotated.SecretNumber = secret.DigestOf("next"), 1
		for _, c := range []struct {
			change func(workspace.ChangeTx) error
			want   []string
		}{
			{func(tx workspace.ChangeTx) error { return tx.InsertWorkspace(f.ctx, testWorkspace(1)) },
				[]string{"workspace " + m.WorkspaceID + " acme-1"}},
			{func(tx workspace.ChangeTx) error {
				return errors.Join(tx.InsertUser(f.ctx, testUser(1)), tx.InsertMember(f.ctx, m))
			}, []string{"member " + m.WorkspaceID + " " + m.UserID + " owner true"}},
			{func(tx workspace.ChangeTx) error { return tx.InsertKey(f.ctx, k) }, []string{"key " + k.ID}},
			{func(tx workspace.ChangeTx) error { return tx.UpdateMember(f.ctx, m) },
				[]string{"member " + m.WorkspaceID + " " + m.UserID + " owner true"}},
			{func(tx workspace.ChangeTx) error {
				return tx.UpdateKey(f.ctx, k, disabled)
			}, []string{"key " + k.ID}},
			{func(tx workspace.ChangeTx) error {
				return errors.Join(tx.UpdateKey(f.ctx, disabled, rotated), tx.PutOldSecret(f.ctx,
					workspace.OldSecret{KeyID: k.ID, Digest: k.Digest, RotatedAt: epoch, EndsAt: epoch}))
			}, []string{"secret 0 of " + k.ID, "key " + k.ID}},
			{func(tx workspace.ChangeTx) error {
				return tx.PutOldSecret(f.ctx,
					workspace.OldSecret{KeyID: k.ID, RotatedAt: epoch, EndsAt: epoch, Ended: true})
			}, []string{"secret 0 of " + k.ID, "key " + k.ID}},
			{func(tx workspace.ChangeTx) error {
				_, err := tx.DisableWorkspace(f.ctx, k.WorkspaceID, epoch)
				return err
			}, []string{"workspace " + m.WorkspaceID + " acme-1 disabled"}},
			{func(tx workspace.ChangeTx) error {
				return tx.MoveWorkspace(f.ctx, workspace.Workspace{ID: m.WorkspaceID, Slug: "moved", OldSlug: "acme-1",
					OldSlugUntil: epoch.Truncate(time.Second)})
			}, []string{"workspace " + m.WorkspaceID + " moved was acme-1 until 2024-02-29T12:30:00Z disabled"}},
			{func(tx workspace.ChangeTx) error {
				return tx.RemoveMember(f.ctx,
					workspace.Removal{WorkspaceID: m.WorkspaceID, UserID: m.UserID, At: epoch})
			}, []string{"member " + m.WorkspaceID + " " + m.UserID + " owner false"}},
			{func(tx workspace.ChangeTx) error {
				return tx.UpdateKey(f.ctx, rotated, revoked(rotated, "", epoch))
			}, []string{"key " + k.ID}},
			{func(tx workspace.ChangeTx) error {
				return tx.UpdateKey(f.ctx, revoked(rotated, "", epoch), rotated)
			}, []string{"key " + k.ID}},
		} {
			before := f.number()
			f.change(c.change)
			equal(f, "the number moved", f.number() > before, true)
			equal(f, "facts", f.since(before).order, c.want)
		}
	},
	"a number that the database does not have ends the use of it": func(f *fixture) {
		f.addMember(1, 1, workspace.RoleOwner)
		number := f.number()
		for _, unknown := range []int64{number + 1, number - 1} {
			s := f.open()
			_, err := s.FactsSince(f.ctx, unknown, &facts{})
			f.kind(err, workspace.Unavailable)
			f.kind(s.Halted(), workspace.Unavailable)
		}
		f.must(f.Halted())
	},
	"a change that changes no fact keeps its number": func(f *fixture) {
		f.addMember(1, 1, workspace.RoleOwner)
		f.change(func(workspace.ChangeTx) error { return nil })
		number := f.number()
		f.addMember(1, 2, workspace.RoleDeveloper)
		equal(f, "facts", len(f.since(number).order), 1)
	},
	"facts are of one moment, though others write meanwhile": func(f *fixture) {
		m := f.addMember(1, 1, workspace.RoleOwner)
		f.addKeys(m, 0, 100, nil)
		before := f.number()
		sink := writingSink{fixture: f, m: m}
		number, err := f.AllFacts(f.ctx, &sink)
		f.must(err)
		equal(f, "number", number, before)
		equal(f, "keys", sink.keys, 100)
		equal(f, "the number moved afterwards", f.number() > before, true)
		equal(f, "facts that it missed", f.since(number).order, []string{"key " + testKey(1000, m).ID})
	},
}

// writingSink adds a key when it is told of the first member.
type writingSink struct {
	*fixture
	m    workspace.Member
	keys int
}

func (s *writingSink) Workspace(workspace.WorkspaceFact) {}

func (s *writingSink) Member(workspace.MemberFact) { s.addKeys(s.m, 1000, 1001, nil) }

func (s *writingSink) OldSecret(workspace.OldSecretFact) {}

func (s *writingSink) Key(workspace.KeyFact) { s.keys++ }
