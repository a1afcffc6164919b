package main

import (
	"context"
	"fmt"

	"github.com/keylodge/keylodge/internal/workspace"
)

type userResetLinkCommand struct {
	oneUser
	linkFlags
}

// Run prints the link, alone.
func (c userResetLinkCommand) Run(ctx context.Context, std streams) error {
	return c.with(ctx, workspace.Config{}, func(s *workspace.Service) error {
		link, err := c.resetLink(ctx, s, c.Email)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintln(std.out, link)
		return err
	})
}

type userRemoveTOTPCommand struct{ oneUser }

// Run removes the user's authenticator app and recovery codes.
func (c userRemoveTOTPCommand) Run(ctx context.Context, std streams) error {
	return c.change(ctx, std, outcome{"signs in by password alone", "has no account here, or no authenticator app"},
		func(s *workspace.Service) error { return s.RemoveTOTPOf(ctx, c.Email) })
}

type userRemovePasskeysCommand struct{ oneUser }

// Run removes all of the user's passkeys.
func (c userRemovePasskeysCommand) Run(ctx context.Context, std streams) error {
	return c.change(ctx, std, outcome{"has no passkey now", "has no account here, or no passkey"},
		func(s *workspace.Service) error { return s.RemovePasskeysOf(ctx, c.Email) })
}

type userSetEmailCommand struct {
	oneUser
	New string `required:"" placeholder:"EMAIL" help:"Their new email."`
}

// Run changes the email without a confirmation.
func (c userSetEmailCommand) Run(ctx context.Context, std streams) error {
	done := "now signs in as " + workspace.FoldEmail(c.New)
	return c.change(ctx, std, outcome{done, "has no account here"},
		func(s *workspace.Service) error { return s.SetEmail(ctx, c.Email, c.New) })
}
