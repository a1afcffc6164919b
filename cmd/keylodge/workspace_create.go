package main

import (
	"context"
	"fmt"

	"github.com/keylodge/keylodge/internal/workspace"
)

type workspaceCreateCommand struct {
	database
	linkFlags
	passwordFlag
	Slug       string `required:"" help:"Its name in URLs: 3–40 of a–z, 0–9 and '-'."`
	Name       string `required:"" help:"Its name, for people."`
	OwnerEmail string `required:"" placeholder:"EMAIL" help:"The owner's email."`
	OwnerName  string `placeholder:"NAME" help:"The owner's name."`
}

// Run creates the workspace. For an owner without a password it prints a link
// to set one.
func (c workspaceCreateCommand) Run(ctx context.Context, std streams) error {
	password, err := c.read(std)
	if err != nil {
		return err
	}
	if _, err := parseBaseURL(c.BaseURL); err != nil {
		return err
	}
	return c.withNew(ctx, workspace.Config{}, func(s *workspace.Service) error {
		w, owner, err := s.CreateWorkspace(ctx, workspace.NewWorkspace{
			Slug: c.Slug, Name: c.Name,
			OwnerEmail: c.OwnerEmail, OwnerName: c.OwnerName, OwnerPassword: password,
		})
		if err != nil {
			return err
		}
		fmt.Fprintf(std.out, "Created workspace %s (%s), owned by %s.\n", w.Name, w.Slug, owner.Email)
		return c.printLinkFor(ctx, std, s, owner)
	})
}
