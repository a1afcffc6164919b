package main

import (
	"context"
	"fmt"

	"github.com/keylodge/keylodge/internal/workspace"
)

type keyRevokeCommand struct{ oneKey }

// Run revokes the key.
func (c keyRevokeCommand) Run(ctx context.Context, std streams) error {
	return c.change(ctx, func(s *workspace.Service, operator workspace.Actor) error {
		key, err := s.RevokeKey(ctx, operator, c.ID, workspace.ReasonNone)
		return printState(std, key, err)
	})
}

type keyDisableCommand struct{ oneKey }

// Run disables the key.
func (c keyDisableCommand) Run(ctx context.Context, std streams) error {
	return c.change(ctx, func(s *workspace.Service, operator workspace.Actor) error {
		key, err := s.DisableKey(ctx, operator, c.ID)
		return printState(std, key, err)
	})
}

type keyEnableCommand struct{ oneKey }

// Run enables the key.
func (c keyEnableCommand) Run(ctx context.Context, std streams) error {
	return c.change(ctx, func(s *workspace.Service, operator workspace.Actor) error {
		key, err := s.EnableKey(ctx, operator, c.ID)
		return printState(std, key, err)
	})
}

// printState prints whether the key is revoked, disabled or enabled.
func printState(std streams, key workspace.ListedKey, err error) error {
	if err != nil {
		return err
	}
	state := "enabled"
	switch {
	case !key.RevokedAt.IsZero():
		state = "revoked, since " + minute(&key.RevokedAt)
	case !key.DisabledAt.IsZero():
		state = "disabled, since " + minute(&key.DisabledAt)
	}
	_, err = fmt.Fprintf(std.out, "%s (%s) is %s.\n", key.Title(), key.Hint, state)
	return err
}
