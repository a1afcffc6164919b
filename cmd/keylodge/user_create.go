package main

import (
	"context"
	"fmt"

	"github.com/keylodge/keylodge/internal/workspace"
)

type userCreateCommand struct {
	database
	linkFlags
	passwordFlag
	workspaceFlag
	Email string         `required:"" help:"Their email."`
	Role  workspace.Role `required:"" help:"owner, admin, developer, auditor or member."`
	Name  string         `help:"Their name."`
}

// Run makes the user a member. For one without a password it prints a link to
// set one.
func (c userCreateCommand) Run(ctx context.Context, std streams) error {
	password, err := c.read(std)
	if err != nil {
		return err
	}
	if _, err := parseBaseURL(c.BaseURL); err != nil {
		return err
	}
	return c.with(ctx, workspace.Config{}, func(s *workspace.Service) error {
		w, err := c.find(ctx, s)
		if err != nil {
			return err
		}
		m, err := s.AddMember(ctx, operatorIn(w), c.Name, c.Email, password, c.Role)
		if err != nil {
			return err
		}
		fmt.Fprintf(std.out, "%s is now %s of %s.\n", m.Email, m.Role, w.Name)
		return c.printLinkFor(ctx, std, s, m)
	})
}
