package main

import (
	"context"
	"fmt"

	"github.com/keylodge/keylodge/internal/workspace"
)

type userCommand struct {
	Create         userCreateCommand         `cmd:"" help:"Make a person a member of a workspace."`
	ResetLink      userResetLinkCommand      `cmd:"" help:"Print a one-time link that sets a person's password."`
	Role           userRoleCommand           `cmd:"" help:"Change a member's role. Their keys follow at once."`
	Deactivate     userDeactivateCommand     `cmd:"" help:"Deactivate a member. Their sign-ins and keys are refused."`
	RemoveTOTP     userRemoveTOTPCommand     `cmd:"" name:"remove-totp" help:"Remove the authenticator app of a user."`
	RemovePasskeys userRemovePasskeysCommand `cmd:"" name:"remove-passkeys" help:"Remove all passkeys of a user."`
	SetEmail       userSetEmailCommand       `cmd:"" help:"Change the address that a person signs in with."`
	Activate       userActivateCommand       `cmd:"" help:"Let a deactivated member back in. Their keys work again."`
}

type userRemoveTOTPCommand struct {
	database
	Email string `required:"" help:"Whose."`
}

// Run leaves the person with their password alone.
func (c userRemoveTOTPCommand) Run(io streams) error {
	return c.with(workspace.Config{}, func(ctx context.Context, s *workspace.Service) error {
		err := s.RemoveTOTPOf(ctx, c.Email)
		if workspace.KindOf(err) == workspace.NotFound {
			return fmt.Errorf("%s has no account here, or no second factor", c.Email)
		}
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(io.out, "%s signs in by password alone.\n", c.Email)
		return err
	})
}

type userRemovePasskeysCommand struct {
	database
	Email string `required:"" help:"Whose."`
}

// Run removes all of the person's passkeys.
func (c userRemovePasskeysCommand) Run(io streams) error {
	return c.with(workspace.Config{}, func(ctx context.Context, s *workspace.Service) error {
		err := s.RemovePasskeysOf(ctx, c.Email)
		if workspace.KindOf(err) == workspace.NotFound {
			return fmt.Errorf("%s has no account here, or no passkey", c.Email)
		}
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(io.out, "%s has no passkey any more.\n", c.Email)
		return err
	})
}

type userSetEmailCommand struct {
	database
	Email string `required:"" help:"Their present address."`
	New   string `required:"" placeholder:"EMAIL" help:"Their new one."`
}

// Run changes the address without asking it to be confirmed.
func (c userSetEmailCommand) Run(io streams) error {
	return c.with(workspace.Config{}, func(ctx context.Context, s *workspace.Service) error {
		err := s.SetEmail(ctx, c.Email, c.New)
		if workspace.KindOf(err) == workspace.NotFound {
			return fmt.Errorf("nobody has the address %s", c.Email)
		}
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(io.out, "%s signs in as %s from now on.\n", c.Email, workspace.FoldEmail(c.New))
		return err
	})
}

type userCreateCommand struct {
	database
	links
	password
	workspaceFlag
	Email string         `required:"" help:"Their e-mail address."`
	Role  workspace.Role `required:"" help:"owner, admin, developer, auditor or member."`
	Name  string         `help:"Their name."`
}

// Run makes the person a member. Whoever has no password gets a link to set
// one.
func (c userCreateCommand) Run(io streams) error {
	password, err := c.read(io)
	if err != nil {
		return err
	}
	if _, err := parseBaseURL(c.BaseURL); err != nil {
		return err
	}
	return c.with(workspace.Config{}, func(ctx context.Context, s *workspace.Service) error {
		w, err := c.find(ctx, s)
		if err != nil {
			return err
		}
		m, err := s.AddMember(ctx, operatorIn(w), c.Name, c.Email, password, c.Role)
		if err != nil {
			return err
		}
		fmt.Fprintf(io.out, "Made %s %s of %s.\n", m.Email, m.Role, w.Name)
		return c.offer(ctx, io, s, m)
	})
}

type userResetLinkCommand struct {
	database
	links
	Email string `required:"" help:"Whose password."`
}

// Run prints the link, alone.
func (c userResetLinkCommand) Run(io streams) error {
	return c.with(workspace.Config{}, func(ctx context.Context, s *workspace.Service) error {
		link, err := c.resetLink(ctx, s, c.Email)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintln(io.out, link)
		return err
	})
}

// oneMember names a member of a workspace.
type oneMember struct {
	database
	workspaceFlag
	Email string `required:"" help:"The member's e-mail address."`
}

type userRoleCommand struct {
	oneMember
	Role workspace.Role `required:"" help:"owner, admin, developer, auditor or member."`
}

// Run changes the role.
func (c userRoleCommand) Run(io streams) error {
	return c.change(io, func(m *workspace.Member) { m.Role = c.Role })
}

type userDeactivateCommand struct{ oneMember }

// Run deactivates the member.
func (c userDeactivateCommand) Run(io streams) error {
	return c.change(io, func(m *workspace.Member) { m.Active = false })
}

type userActivateCommand struct{ oneMember }

// Run activates the member.
func (c userActivateCommand) Run(io streams) error {
	return c.change(io, func(m *workspace.Member) { m.Active = true })
}

func (c oneMember) change(io streams, alter func(*workspace.Member)) error {
	return c.with(workspace.Config{}, func(ctx context.Context, s *workspace.Service) error {
		w, err := c.find(ctx, s)
		if err != nil {
			return err
		}
		m, err := s.ChangeMemberByEmail(ctx, operatorIn(w), c.Email, alter)
		if workspace.KindOf(err) == workspace.NotFound {
			return fmt.Errorf("%s is no member of %s", c.Email, w.Name)
		}
		if err != nil {
			return err
		}
		state := "active"
		if !m.Active {
			state = "deactivated"
		}
		_, err = fmt.Fprintf(io.out, "%s is %s of %s, %s.\n", m.Email, m.Role, w.Name, state)
		return err
	})
}
