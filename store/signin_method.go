package store

import (
	"context"
	"fmt"

	"github.com/keylodge/keylodge/internal/workspace"
)

// DeleteSignInMethods implements [workspace.Tx].
func (t *tx) DeleteSignInMethods(ctx context.Context, m workspace.SignInMethodFilter) error {
	switch m.Method {
	case "":
		for _, table := range []string{"passkeys", "totps", "recovery_codes", "identities", "known_devices"} {
			if _, err := t.exec(ctx, `DELETE FROM `+table+` WHERE user_id = $1`, m.UserID); err != nil {
				return err
			}
		}
		return nil
	case workspace.MethodCode:
		if _, err := t.exec(ctx, `DELETE FROM recovery_codes WHERE user_id = $1`, m.UserID); err != nil {
			return err
		}
		return found(t.exec(ctx, `DELETE FROM totps WHERE user_id = $1`, m.UserID))
	case workspace.MethodPasskey:
		return found(t.exec(ctx, `DELETE FROM passkeys WHERE user_id = $1 AND ($2 = '' OR id = $2)`, m.UserID,
			m.PasskeyID))
	case workspace.MethodProvider:
		return found(t.exec(ctx, `DELETE FROM identities WHERE user_id = $1 AND ($2 = '' OR issuer = $2)`, m.UserID,
			m.Issuer))
	}
	return fmt.Errorf("store: sign-in method %q can't be deleted", m.Method)
}
