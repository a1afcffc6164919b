package workspace

import (
	"context"
	"time"
)

// DisableKey stops a key until [Service.EnableKey]: no check that begins after it returns accepts the key. It returns
// the key as it then is. A key that is disabled or revoked already stays as it is.
func (s *Service) DisableKey(ctx context.Context, actor Actor, keyID string) (ListedKey, error) {
	return s.setKeyDisabled(ctx, actor, keyID, KeyDisabled, s.clock())
}

// EnableKey ends what [Service.DisableKey] began. A key that is revoked stays so.
func (s *Service) EnableKey(ctx context.Context, actor Actor, keyID string) (ListedKey, error) {
	return s.setKeyDisabled(ctx, actor, keyID, KeyEnabled, time.Time{})
}

func (s *Service) setKeyDisabled(ctx context.Context, actor Actor, keyID string, action Action, at time.Time) (ListedKey, error) {
	return s.alterKey(ctx, actor, keyID, action, func(tx ChangeTx, _ *Event) (bool, error) {
		return tx.DisableKey(ctx, actor.WorkspaceID, keyID, actor.UserID, at)
	})
}

// DisableWorkspace stops all keys of the actor's workspace as a whole, until [Service.EnableWorkspace]: no check that
// begins after it returns accepts one of them. People can still sign in.
func (s *Service) DisableWorkspace(ctx context.Context, actor Actor) error {
	return s.setWorkspaceDisabled(ctx, actor, WorkspaceDisabled, s.clock())
}

// EnableWorkspace ends what [Service.DisableWorkspace] began. Keys that are disabled themselves stay so.
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
