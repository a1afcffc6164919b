package workspace

import (
	"context"
	"time"
)

// DisableKey disables a key until [Service.EnableKey] and returns it: no
// verification that begins after it returns accepts the key. A key that is
// disabled or revoked already stays as it is.
func (s *Service) DisableKey(ctx context.Context, actor Actor, keyID string) (ListedKey, error) {
	return s.alterKey(ctx, actor, keyID, s.disable(ctx))
}

// EnableKey undoes [Service.DisableKey], for an actor who may: see
// [authority.mayUndo]. The key policy must allow the key, and one with full
// access wants a fresh proof. A key that is revoked stays revoked.
func (s *Service) EnableKey(ctx context.Context, actor Actor, keyID string) (ListedKey, error) {
	return s.alterKey(ctx, actor, keyID, s.enable(ctx))
}

// disable disables one key.
func (s *Service) disable(ctx context.Context) keyChange {
	return func(tx ChangeTx, a *act, key Key) error {
		if !key.RevokedAt.IsZero() {
			return ErrNothingChanged
		}
		if !key.DisabledAt.IsZero() {
			earlier, err := key.disabling(ctx, tx)
			if err != nil {
				return err
			}
			if err := errUnlessChanged(mustReplace(ctx, tx, key, a.who.restriction(ReasonNone), earlier)); err != nil {
				return err
			}
		}
		disabled := key
		disabled.DisabledAt, disabled.DisabledBy = s.clock(), a.who.UserID
		a.record(ActionKeyDisabled, key.ID, keyDetails(key))
		return tx.UpdateKey(ctx, key, disabled)
	}
}

// enable enables one key.
func (s *Service) enable(ctx context.Context) keyChange {
	return func(tx ChangeTx, a *act, key Key) error {
		if !key.RevokedAt.IsZero() || key.DisabledAt.IsZero() {
			return ErrNothingChanged
		}
		if err := s.checkMayReactivate(ctx, tx, a.who, key); err != nil {
			return err
		}
		if key.Limits.Scopes == nil {
			if err := s.RequireFreshProof(a.who.Actor); err != nil {
				return err
			}
		}
		a.record(ActionKeyEnabled, key.ID, keyDetails(key))
		enabled := key
		enabled.DisabledAt, enabled.DisabledBy = time.Time{}, ""
		return tx.UpdateKey(ctx, key, enabled)
	}
}

// DisableWorkspace disables all keys of the actor's workspace as a whole, until
// [Service.EnableWorkspace]: no verification that begins after it returns
// accepts one of them. People can still sign in.
func (s *Service) DisableWorkspace(ctx context.Context, actor Actor) error {
	return s.setWorkspaceDisabled(ctx, actor, ActionWorkspaceDisabled, s.clock())
}

// EnableWorkspace undoes [Service.DisableWorkspace]. Keys that were disabled
// themselves stay so.
func (s *Service) EnableWorkspace(ctx context.Context, actor Actor) error {
	return s.setWorkspaceDisabled(ctx, actor, ActionWorkspaceEnabled, time.Time{})
}

func (s *Service) setWorkspaceDisabled(ctx context.Context, actor Actor, action Action, at time.Time) error {
	return s.actOnKeys(ctx, actor, PermitRevokeAllKeys, func(tx ChangeTx, a *act) error {
		a.record(action, actor.WorkspaceID, nil)
		return errUnlessChanged(tx.DisableWorkspace(ctx, actor.WorkspaceID, at))
	})
}

// errUnlessChanged returns err, and [ErrNothingChanged] when nothing changed.
func errUnlessChanged(changed bool, err error) error {
	if err == nil && !changed {
		return ErrNothingChanged
	}
	return err
}
