package storetest

import (
	"net/netip"
	"strings"
	"time"

	"github.com/keylodge/keylodge/internal/ratelimit"
	"github.com/keylodge/keylodge/internal/secret"
	"github.com/keylodge/keylodge/internal/workspace"
)

var keyTests = map[string]func(*fixture){
	"a key comes back as it went in": func(f *fixture) {
		m := f.addMember(1, 1, workspace.RoleDeveloper)
		for n, k := range f.addKeys(m, 0, len(names), func(n int, k *workspace.Key) {
			if n%2 == 0 {
				k.ExpiresAt = epoch.Add(time.Hour)
			}
		}) {
			got, err := f.Key(f.ctx, workspace.KeyLookup{WorkspaceID: k.WorkspaceID, ID: k.ID})
			f.must(err)
			equal(f, "key "+names[n], got, workspace.ListedKey{Key: k, OwnerName: m.DisplayName(),
				OwnerSort: strings.ToLower(m.DisplayName()), OwnerActive: true, CreatedByName: m.DisplayName()})
			byID, err := f.Key(f.ctx, workspace.KeyLookup{ID: k.ID, AnyWorkspace: true})
			f.must(err)
			equal(f, "by id", byID, got)
			byNonce, err := f.Key(f.ctx,
				workspace.KeyLookup{WorkspaceID: k.WorkspaceID, CreatedBy: k.CreatedBy, Nonce: k.Nonce})
			f.must(err)
			equal(f, "by nonce", byNonce, got)
		}
	},
	"another workspace's key is not found": func(f *fixture) {
		k := f.addKeys(f.addMember(1, 1, workspace.RoleOwner), 0, 1, nil)[0]
		other := f.addMember(2, 1, workspace.RoleOwner)
		_, err := f.Key(f.ctx, workspace.KeyLookup{WorkspaceID: other.WorkspaceID, ID: k.ID})
		f.kind(err, workspace.NotFound)
		_, err = f.Key(f.ctx,
			workspace.KeyLookup{WorkspaceID: other.WorkspaceID, CreatedBy: k.CreatedBy, Nonce: k.Nonce})
		f.kind(err, workspace.NotFound)
		_, err = f.Key(f.ctx, workspace.KeyLookup{ID: testKeyID(99), AnyWorkspace: true})
		f.kind(err, workspace.NotFound)
		f.kind(f.Change(f.ctx, func(tx workspace.ChangeTx) error {
			theirs := k
			theirs.WorkspaceID = other.WorkspaceID
			return tx.UpdateKey(f.ctx, theirs, revoked(theirs, other.UserID, epoch))
		}), workspace.NotFound)
		got, err := f.Key(f.ctx, workspace.KeyLookup{ID: k.ID, AnyWorkspace: true})
		f.must(err)
		equal(f, "revoked", got.RevokedAt, time.Time{})
	},
	"the people of a key have their names, or else addresses": func(f *fixture) {
		owner, creator, revoker := f.addMember(1, 0, workspace.RoleDeveloper), f.addMember(1, 1, workspace.RoleAdmin),
			f.addMember(1, 2, workspace.RoleOwner)
		k := f.addKeys(owner, 0, 1, func(_ int, k *workspace.Key) { k.CreatedBy = creator.UserID })[0]
		f.revoke(k, revoker.UserID, epoch.Add(time.Hour))
		owner.Active = false
		f.change(func(tx workspace.ChangeTx) error { return tx.UpdateMember(f.ctx, owner) })
		k.RevokedAt, k.RevokedBy = epoch.Add(time.Hour), revoker.UserID
		got, err := f.Key(f.ctx, workspace.KeyLookup{ID: k.ID, AnyWorkspace: true})
		f.must(err)
		equal(f, "key", got, workspace.ListedKey{Key: k, OwnerName: owner.Email, OwnerSort: owner.Email,
			CreatedByName: creator.Name, RevokedByName: revoker.Name})
	},
	"the operator has no name": func(f *fixture) {
		m := f.addMember(1, 1, workspace.RoleOwner)
		k := f.addKeys(m, 0, 1, func(_ int, k *workspace.Key) { k.CreatedBy = "" })[0]
		f.revoke(k, "", epoch)
		k.RevokedAt = epoch
		got, err := f.Key(f.ctx, workspace.KeyLookup{ID: k.ID, AnyWorkspace: true})
		f.must(err)
		equal(f, "key", got,
			workspace.ListedKey{Key: k, OwnerName: m.Name, OwnerSort: strings.ToLower(m.Name), OwnerActive: true})
	},
	"a nonce makes one key of a person in a workspace": func(f *fixture) {
		anna, ben, elsewhere := f.addMember(1, 1, workspace.RoleAdmin), f.addMember(1, 2, workspace.RoleAdmin),
			f.addMember(2, 1, workspace.RoleAdmin)
		n := 0
		add := func(m workspace.Member, createdBy, nonce string) error {
			n++
			k := testKey(n, m)
			k.CreatedBy, k.Nonce = createdBy, nonce
			return f.Change(f.ctx, func(tx workspace.ChangeTx) error { return tx.InsertKey(f.ctx, k) })
		}
		f.must(add(anna, anna.UserID, "nonce"))
		f.must(add(ben, ben.UserID, "nonce"))
		f.must(add(elsewhere, anna.UserID, "nonce"))
		f.must(add(anna, "", "nonce"))
		before := f.number()
		f.kind(add(anna, anna.UserID, "nonce"), workspace.Conflict)
		f.kind(add(ben, anna.UserID, "nonce"), workspace.Conflict)
		f.kind(add(anna, "", "nonce"), workspace.Conflict)
		equal(f, "number after conflicts", f.number(), before)
		f.must(add(anna, anna.UserID, ""))
		f.must(add(anna, anna.UserID, ""))
	},
	"a digest is one key's": func(f *fixture) {
		m := f.addMember(1, 1, workspace.RoleAdmin)
		first := f.addKeys(m, 1, 2, nil)[0]
		second := testKey(2, m)
		second.Digest = first.Digest
		if err := f.Change(f.ctx,
			func(tx workspace.ChangeTx) error { return tx.InsertKey(f.ctx, second) }); err == nil {
			f.Fatal("two keys have the same digest")
		}
	},
	"a key's owner is a member": func(f *fixture) {
		m := f.addMember(1, 1, workspace.RoleAdmin)
		m.UserID = f.addMember(2, 2, workspace.RoleAdmin).UserID
		if err := f.Change(f.ctx,
			func(tx workspace.ChangeTx) error { return tx.InsertKey(f.ctx, testKey(1, m)) }); err == nil {
			f.Fatal("a key belongs to somebody of another workspace")
		}
	},
	"a key is revoked once, and the first to do it stays": func(f *fixture) {
		m := f.addMember(1, 1, workspace.RoleAdmin)
		k := f.addKeys(m, 0, 1, nil)[0]
		equal(f, "first", f.revoke(k, m.UserID, epoch.Add(time.Hour)), true)
		equal(f, "second", f.revoke(k, "", epoch.Add(2*time.Hour)), false)
		got, err := f.Key(f.ctx, workspace.KeyLookup{ID: k.ID, AnyWorkspace: true})
		f.must(err)
		equal(f, "revoked at", got.RevokedAt, epoch.Add(time.Hour))
		equal(f, "revoked by", got.RevokedBy, m.UserID)
	},
	"a key's limits come back as they went in": func(f *fixture) {
		m := f.addMember(1, 1, workspace.RoleOwner)
		k := f.addKeys(m, 0, 1, func(_ int, k *workspace.Key) { k.Limits = someLimits })[0]
		got, err := f.Key(f.ctx, workspace.KeyLookup{ID: k.ID, AnyWorkspace: true})
		f.must(err)
		equal(f, "limits", got.Limits, someLimits)
		page, err := f.Keys(f.ctx,
			workspace.KeyQuery{WorkspaceID: m.WorkspaceID, State: workspace.KeyActive, Now: epoch, Limit: 10})
		f.must(err)
		equal(f, "limits in the list", page.Keys[0].Limits, someLimits)
	},
	"a key is disabled and enabled, and only once each": func(f *fixture) {
		m := f.addMember(1, 1, workspace.RoleOwner)
		k := f.addKeys(m, 0, 1, nil)[0]
		disabled := k
		disabled.DisabledAt, disabled.DisabledBy = epoch.Add(time.Hour), m.UserID
		update := func(was, k workspace.Key) error {
			return f.Change(f.ctx, func(tx workspace.ChangeTx) error { return tx.UpdateKey(f.ctx, was, k) })
		}
		before := f.number()
		f.must(update(k, k))
		equal(f, "number after nothing", f.number(), before)
		f.must(update(k, disabled))
		f.is(update(k, disabled), workspace.ErrKeyChanged)
		got, err := f.Key(f.ctx, workspace.KeyLookup{ID: k.ID, AnyWorkspace: true})
		f.must(err)
		equal(f, "disabled key", got.Key, disabled)
		equal(f, "name of who disabled it", got.DisabledByName, m.DisplayName())
		f.must(update(disabled, k))
		f.is(update(disabled, k), workspace.ErrKeyChanged)
		got, err = f.Key(f.ctx, workspace.KeyLookup{ID: k.ID, AnyWorkspace: true})
		f.must(err)
		equal(f, "enabled key", got.Key, k)
		f.revoke(k, "", epoch)
		f.is(update(k, disabled), workspace.ErrKeyChanged)
		f.is(update(revoked(k, "", epoch), revoked(disabled, "", epoch)), workspace.ErrKeyChanged)
		k.ID = testKeyID(99)
		f.kind(update(k, disabled), workspace.NotFound)
	},
	"an update changes all of a key but the key it is": func(f *fixture) {
		m := f.addMember(1, 1, workspace.RoleOwner)
		k := f.addKeys(m, 0, 1, nil)[0]
		after := k
		after.Name, after.Limits, after.NarrowedBy = "renamed", someLimits, m.UserID
		after.ExpiresAt, after.Ended, after.Warned = epoch.Add(time.Hour), true, 7
		after.Digest, after.Hint, after.SecretNumber = secret.DigestOf("new"), "kl_new…", 1
		after.DisabledAt, after.DisabledBy = epoch, m.UserID
		after.RevokedReason = workspace.ReasonOther
		after = revoked(after, m.UserID, epoch)
		f.change(func(tx workspace.ChangeTx) error { return tx.UpdateKey(f.ctx, k, after) })
		got, err := f.Key(f.ctx, workspace.KeyLookup{ID: k.ID, AnyWorkspace: true})
		f.must(err)
		equal(f, "key", got.Key, after)
		page, err := f.Keys(f.ctx, workspace.KeyQuery{WorkspaceID: m.WorkspaceID, State: workspace.KeyRevoked,
			Text: "renamed", Now: epoch, Limit: 10})
		f.must(err)
		equal(f, "keys found by the new name", len(page.Keys), 1)
	},
	"a key whose end had passed is ended until it gets another": func(f *fixture) {
		m := f.addMember(1, 1, workspace.RoleOwner)
		k := f.addKeys(m, 0, 1, func(_ int, k *workspace.Key) { k.ExpiresAt, k.Ended = epoch, true })[0]
		for _, ended := range []bool{true, false, true} {
			was := k
			k.Ended = ended
			f.change(func(tx workspace.ChangeTx) error { return tx.UpdateKey(f.ctx, was, k) })
			got, err := f.Key(f.ctx, workspace.KeyLookup{WorkspaceID: k.WorkspaceID, ID: k.ID})
			f.must(err)
			equal(f, "key", got.Key, k)
			var all facts
			_, err = f.AllFacts(f.ctx, &all)
			f.must(err)
			equal(f, "fact", all.keys[k.ID].Ended, ended)
		}
	},
	"a revocation is taken back, with the counts": func(f *fixture) {
		m := f.addMember(1, 1, workspace.RoleOwner)
		k := f.addKeys(m, 0, 1, nil)[0]
		restore := func() error {
			return f.Change(f.ctx, func(tx workspace.ChangeTx) error {
				return tx.UpdateKey(f.ctx, revoked(k, m.UserID, epoch), k)
			})
		}
		f.is(restore(), workspace.ErrKeyChanged)
		f.revoke(k, m.UserID, epoch)
		f.must(restore())
		got, err := f.Key(f.ctx, workspace.KeyLookup{WorkspaceID: k.WorkspaceID, ID: k.ID})
		f.must(err)
		equal(f, "key", got.Key, k)
		counts, err := f.KeyCounts(f.ctx, workspace.KeyQuery{WorkspaceID: m.WorkspaceID, Now: epoch})
		f.must(err)
		equal(f, "active keys", counts[workspace.KeyActive], 1)
		equal(f, "revoked keys", counts[workspace.KeyRevoked], 0)
	},
	"a key is handed over, with the counts of both owners": func(f *fixture) {
		from, to := f.addMember(1, 1, workspace.RoleAdmin), f.addMember(1, 2, workspace.RoleMember)
		first, second := testKey(1, from), testKey(2, from)
		f.change(func(tx workspace.ChangeTx) error {
			f.must(tx.InsertKey(f.ctx, first))
			f.must(tx.InsertKey(f.ctx, second))
			return tx.UpdateKey(f.ctx, first, ownedBy(first, to))
		})
		got, err := f.Key(f.ctx, workspace.KeyLookup{WorkspaceID: from.WorkspaceID, ID: first.ID})
		f.must(err)
		equal(f, "owner", got.OwnerID, to.UserID)
		for _, m := range []workspace.Member{from, to} {
			keys, err := f.UnrevokedKeys(f.ctx, m.WorkspaceID, m.UserID, 10)
			f.must(err)
			counts, err := f.KeyCounts(f.ctx,
				workspace.KeyQuery{WorkspaceID: m.WorkspaceID, OwnerID: m.UserID, Now: epoch})
			f.must(err)
			if len(keys) != 1 || counts[workspace.KeyActive] != 1 {
				f.Errorf("%s has %d keys and a count of %d", m.UserID, len(keys), counts[workspace.KeyActive])
			}
		}
		f.kind(f.Change(f.ctx,
			func(tx workspace.ChangeTx) error {
				second.WorkspaceID = "ws_other"
				return tx.UpdateKey(f.ctx, second, ownedBy(second, to))
			}), workspace.NotFound)
	},
}

// ownedBy returns a key as it is with another owner.
func ownedBy(k workspace.Key, m workspace.Member) workspace.Key {
	k.OwnerID = m.UserID
	return k
}

// someLimits are all that a key can be held to.
var someLimits = workspace.Limits{
	Scopes: []string{"invoices:read", "x"}, Rate: ratelimit.Rate{Requests: 100, Window: 90 * time.Second},
	Networks: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("2001:db8::/32")},
}
