package storetest

import (
	"fmt"
	"time"

	"github.com/keylodge/keylodge/internal/secret"
	"github.com/keylodge/keylodge/internal/workspace"
)

var rotationTests = map[string]func(*fixture){
	"a key is rotated, and both secrets find it": func(f *fixture) {
		m := f.addMember(1, 1, workspace.RoleOwner)
		k := f.addKeys(m, 0, 1, nil)[0]
		old := workspace.OldSecret{KeyID: k.ID, Digest: k.Digest, Hint: k.Hint, RotatedAt: epoch, RotatedBy: m.UserID,
			EndsAt: epoch.Add(time.Hour)}
		was := k
		k.Digest, k.Hint, k.SecretNumber = secret.DigestOf("new"), "kl_new…", 1
		f.must(f.rotate(was, k, old))
		for _, d := range []secret.Digest{k.Digest, old.Digest} {
			got, err := f.Key(f.ctx, workspace.KeyLookup{Digest: d})
			f.must(err)
			equal(f, "key", got.Key, k)
		}
		old.EndsAt, old.Ended = epoch.Add(2*time.Hour), true
		f.change(func(tx workspace.ChangeTx) error { return tx.PutOldSecret(f.ctx, old) })
		secrets, err := f.OldSecrets(f.ctx, k.ID)
		f.must(err)
		equal(f, "old secrets", secrets, []workspace.OldSecret{old})
		var got facts
		_, err = f.AllFacts(f.ctx, &got)
		f.must(err)
		equal(f, "facts of old secrets", got.secrets,
			[]workspace.OldSecretFact{{KeyID: got.keys[k.ID].ID, Digest: old.Digest, EndsAt: old.EndsAt, Ended: true}})
		equal(f, "the secret's number", got.keys[k.ID].SecretNumber, 1)
		f.is(f.rotate(was, k, old), workspace.ErrKeyChanged)
		f.revoke(k, "", epoch)
		next := k
		next.Digest, next.SecretNumber = secret.DigestOf("next"), 2
		f.is(f.rotate(k, next, old), workspace.ErrKeyChanged)
	},
	"of a key's old secrets the newest are kept": func(f *fixture) {
		m := f.addMember(1, 1, workspace.RoleOwner)
		k := f.addKeys(m, 0, 1, nil)[0]
		first := k.Digest
		var before int64
		const rotations = workspace.MaxOldSecrets + 3
		for n := range rotations {
			if n == rotations-1 {
				before = f.number()
			}
			at := epoch.Add(time.Duration(n) * time.Minute)
			old := workspace.OldSecret{KeyID: k.ID, SecretNumber: n, Digest: k.Digest, RotatedAt: at,
				RotatedBy: m.UserID, EndsAt: at}
			was := k
			k.Digest, k.SecretNumber = secret.DigestOf(fmt.Sprint("secret ", n)), n+1
			f.must(f.rotate(was, k, old))
		}
		old, err := f.OldSecrets(f.ctx, k.ID)
		f.must(err)
		equal(f, "number of old secrets", len(old), workspace.MaxOldSecrets)
		equal(f, "the newest", old[0].SecretNumber, rotations-1)
		_, err = f.Key(f.ctx, workspace.KeyLookup{Digest: first})
		f.kind(err, workspace.NotFound)
		equal(f, "facts of one rotation", f.since(before).order,
			[]string{fmt.Sprintf("secret %d of %s", rotations-1, k.ID), "key " + k.ID})
		for _, c := range []struct {
			userID string
			since  time.Time
			nth    int
			want   time.Time
		}{
			{m.UserID, epoch, 1, old[0].RotatedAt}, {m.UserID, epoch, 3, old[2].RotatedAt},
			{m.UserID, old[2].RotatedAt, 3, time.Time{}}, {"usr_other", epoch, 1, time.Time{}},
		} {
			at, err := f.RotationsBy(f.ctx, c.userID, c.since, c.nth)
			f.must(err)
			equal(f, "rotation", at, c.want)
		}
	},
}

// rotate gives a key another secret and keeps the old one.
func (f *fixture) rotate(was, k workspace.Key, old workspace.OldSecret) error {
	return f.Change(f.ctx, func(tx workspace.ChangeTx) error {
		if err := tx.UpdateKey(f.ctx, was, k); err != nil {
			return err
		}
		return tx.PutOldSecret(f.ctx, old)
	})
}
