package main

import (
	"context"
	"fmt"

	"github.com/keylodge/keylodge/internal/secret"
	"github.com/keylodge/keylodge/internal/workspace"
)

type keyCommand struct {
	Create  keyCreateCommand  `cmd:"" help:"Add a key and print its secret, once."`
	List    keyListCommand    `cmd:"" help:"List a workspace's keys."`
	Revoke  keyRevokeCommand  `cmd:"" help:"Revoke a key for good."`
	Disable keyDisableCommand `cmd:"" help:"Refuse a key until it is enabled."`
	Enable  keyEnableCommand  `cmd:"" help:"Accept a disabled key again."`
	Usage   keyUsageCommand   `cmd:"" help:"Print how often a key was verified, by hour and result."`
}

// oneKey is the flags of a command about one key.
type oneKey struct {
	database
	ID string `arg:"" help:"The key's id, as key list prints it."`
}

// change calls do as the operator in the key's workspace.
func (k oneKey) change(ctx context.Context, do func(*workspace.Service, workspace.Actor) error) error {
	if len(secret.Find(k.ID)) > 0 {
		return errUsage{"this is a secret; give the key's id, as keylodge key list prints it"}
	}
	return k.with(ctx, workspace.Config{}, func(s *workspace.Service) error {
		operator, err := s.OperatorAt(ctx, k.ID)
		if err == nil {
			err = do(s, operator)
		}
		if workspace.KindOf(err) == workspace.NotFound {
			return fmt.Errorf("no key %q", k.ID)
		}
		return err
	})
}
