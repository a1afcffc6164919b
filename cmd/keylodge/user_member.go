package main

import (
	"context"
	"fmt"

	"github.com/keylodge/keylodge/internal/workspace"
)

// oneMember is the flags of a command that changes one member.
type oneMember struct {
	database
	workspaceFlag
	Email string `required:"" help:"The member's email."`
}

// change changes the member and prints their role and state.
func (o oneMember) change(ctx context.Context, std streams, alter func(*workspace.Member)) error {
	return o.with(ctx, workspace.Config{}, func(s *workspace.Service) error {
		w, err := o.find(ctx, s)
		if err != nil {
			return err
		}
		m, err := s.ChangeMemberByEmail(ctx, operatorIn(w), o.Email, alter)
		if workspace.KindOf(err) == workspace.NotFound {
			return fmt.Errorf("%s is not a member of %s", o.Email, w.Name)
		}
		if err != nil {
			return err
		}
		state := "active"
		if !m.Active {
			state = "deactivated"
		}
		_, err = fmt.Fprintf(std.out, "%s is %s of %s, %s.\n", m.Email, m.Role, w.Name, state)
		return err
	})
}

type userRoleCommand struct {
	oneMember
	Role workspace.Role `required:"" help:"owner, admin, developer, auditor or member."`
}

// Run changes the role.
func (c userRoleCommand) Run(ctx context.Context, std streams) error {
	return c.change(ctx, std, func(m *workspace.Member) { m.Role = c.Role })
}

type userDeactivateCommand struct{ oneMember }

// Run deactivates the member.
func (c userDeactivateCommand) Run(ctx context.Context, std streams) error {
	return c.change(ctx, std, func(m *workspace.Member) { m.Active = false })
}

type userActivateCommand struct{ oneMember }

// Run activates the member.
func (c userActivateCommand) Run(ctx context.Context, std streams) error {
	return c.change(ctx, std, func(m *workspace.Member) { m.Active = true })
}
