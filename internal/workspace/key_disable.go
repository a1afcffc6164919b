package workspace

import (
	"context"
	"time"
)

// DisableKey stops a key until [Service.EnableKey]: no check that begins after
// it returns accepts the key. It returns the key as it then is. A key that is
// disabled or revoked already stays as it is.
func (s *Service) DisableKey(ctx context.Context, actor Actor, keyID string) (ListedKey, error) {
	return s.alterKey(ctx, actor, keyID, KeyDisabled, s.disable(ctx))
}

// EnableKey undoes [Service.DisableKey], for an actor who may: see
// [authority.mayUndo]. The key policy must allow the key, and one with full
// access wants a fresh proof. A key that is revoked stays revoked.
func (s *Service) EnableKey(ctx context.Context, actor Actor, keyID string) (ListedKey, error) {
	return s.alterKey(ctx, actor, keyID, KeyEnabled, s.enable(ctx))
}

// disable disables one key.
func (s *Service) disable(ctx context.Context) alterOne {
	return func(tx ChangeTx, who authority, key Key, _ *Event) (bool, error) {
		if key.RevokedAt.IsZero() && !key.DisabledAt.IsZero() {
			takes, err := takesOver(ctx, tx, who, key, key.DisabledBy, NoReason, NoReason)
			if err != nil || !takes {
				return false, err
			}
			if _, err := tx.DisableKey(ctx, key.WorkspaceID, key.ID, "", time.Time{}); err != nil {
				return false, err
			}
		}
		return tx.DisableKey(ctx, key.WorkspaceID, key.ID, who.UserID, s.clock())
	}
}

// enable enables one key.
func (s *Service) enable(ctx context.Context) alterOne {
	return func(tx ChangeTx, who authority, key Key, _ *Event) (bool, error) {
		if !key.RevokedAt.IsZero() || key.DisabledAt.IsZero() {
			return false, nil
		}
		if err := s.mayRestart(ctx, tx, who, key); err != nil {
			return false, err
		}
		if key.Limits.Scopes == nil {
			if err := s.FreshProof(who.Actor); err != nil {
				return false, err
			}
		}
		return tx.DisableKey(ctx, key.WorkspaceID, key.ID, "", time.Time{})
	}
}

// DisableWorkspace stops all keys of the actor's workspace as a whole, until
// [Service.EnableWorkspace]: no check that begins after it returns accepts one
// of them. People can still sign in.
func (s *Service) DisableWorkspace(ctx context.Context, actor Actor) error {
	return s.setWorkspaceDisabled(ctx, actor, WorkspaceDisabled, s.clock())
}

// EnableWorkspace ends what [Service.DisableWorkspace] began. Keys that are
// disabled themselves stay so.
func (s *Service) EnableWorkspace(ctx context.Context, actor Actor) error {
	return s.setWorkspaceDisabled(ctx, actor, WorkspaceEnabled, time.Time{})
}

func (s *Service) setWorkspaceDisabled(ctx context.Context, actor Actor, action Action, at time.Time) error {
	return s.change(ctx, actor, RevokeAllKeys, action, func(tx ChangeTx, _ authority, e *Event) error {
		e.TargetID = actor.WorkspaceID
		return changedOr(tx.DisableWorkspace(ctx, actor.WorkspaceID, at))
	})
}

// changedOr turns "it was so already" into [ErrNothingChanged].
func changedOr(changed bool, err error) error {
	if err == nil && !changed {
		return ErrNothingChanged
	}
	return err
}
