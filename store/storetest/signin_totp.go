package storetest

import (
	"fmt"

	"github.com/keylodge/keylodge/internal/secret"
	"github.com/keylodge/keylodge/internal/workspace"
)

var totpTests = map[string]func(*fixture){
	"a second factor is one, and a code of it works once": func(f *fixture) {
		m := f.addMember(1, 1, workspace.RoleOwner)
		factor := workspace.TOTP{UserID: m.UserID, Secret: []byte{0, 1, 0xff}, LastStep: 7, CreatedAt: epoch}
		codes := []secret.Digest{secret.DigestOf("a"), secret.DigestOf("b")}
		f.update(func(tx workspace.Tx) error {
			f.must(tx.PutTOTP(f.ctx, workspace.TOTP{UserID: m.UserID, Secret: []byte("old"), CreatedAt: epoch}))
			f.must(tx.PutTOTP(f.ctx, factor))
			return tx.PutRecoveryCodes(f.ctx, m.UserID, codes)
		})
		got, err := f.TOTP(f.ctx, m.UserID)
		f.must(err)
		factor.CodesLeft = len(codes)
		equal(f, "factor", got, factor)
		f.update(func(tx workspace.Tx) error {
			for _, c := range []struct {
				step int64
				want bool
			}{{7, false}, {8, true}, {8, false}, {6, false}} {
				used, err := tx.UseCode(f.ctx, workspace.CodeUse{UserID: m.UserID, Step: c.step})
				f.must(err)
				equal(f, fmt.Sprint("step ", c.step), used, c.want)
			}
			for _, want := range []bool{true, false} {
				used, err := tx.UseCode(f.ctx, workspace.CodeUse{UserID: m.UserID, Recovery: codes[0]})
				f.must(err)
				equal(f, "code", used, want)
			}
			return nil
		})
		got, err = f.TOTP(f.ctx, m.UserID)
		f.must(err)
		equal(f, "codes left", got.CodesLeft, 1)
		remove := func(tx workspace.Tx) error {
			return tx.DeleteSignInMethods(f.ctx,
				workspace.SignInMethodFilter{UserID: m.UserID, Method: workspace.MethodCode})
		}
		f.update(remove)
		f.kind(f.Update(f.ctx, remove), workspace.NotFound)
		f.update(func(tx workspace.Tx) error {
			used, err := tx.UseCode(f.ctx, workspace.CodeUse{UserID: m.UserID, Recovery: codes[1]})
			equal(f, "a code of a factor that was removed", used, false)
			return err
		})
	},
}
