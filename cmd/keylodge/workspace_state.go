package main

import (
	"context"
	"fmt"

	"github.com/keylodge/keylodge/internal/workspace"
)

// oneWorkspace is the flags of a command that changes one workspace.
type oneWorkspace struct {
	database
	Slug string `required:"" help:"The workspace's slug."`
}

// change calls do as the operator and prints what is now true.
func (o oneWorkspace) change(ctx context.Context, std streams, done string,
	do func(*workspace.Service, context.Context, workspace.Actor) error) error {
	return o.with(ctx, workspace.Config{}, func(s *workspace.Service) error {
		w, err := workspaceFlag{o.Slug}.find(ctx, s)
		if err != nil {
			return err
		}
		if err := do(s, ctx, operatorIn(w)); err != nil {
			return err
		}
		_, err = fmt.Fprintf(std.out, "%s (%s) %s.\n", w.Name, w.Slug, done)
		return err
	})
}

type workspaceDisableCommand struct{ oneWorkspace }

// Run makes every verification of the workspace's keys fail.
func (c workspaceDisableCommand) Run(ctx context.Context, std streams) error {
	return c.change(ctx, std, "is disabled: its keys are refused", (*workspace.Service).DisableWorkspace)
}

type workspaceEnableCommand struct{ oneWorkspace }

// Run accepts the workspace's keys again.
func (c workspaceEnableCommand) Run(ctx context.Context, std streams) error {
	return c.change(ctx, std, "is enabled", (*workspace.Service).EnableWorkspace)
}

type workspaceLiftPolicyCommand struct{ oneWorkspace }

// Run lets members sign in with any method.
func (c workspaceLiftPolicyCommand) Run(ctx context.Context, std streams) error {
	lift := func(s *workspace.Service, ctx context.Context, a workspace.Actor) error {
		return s.SetSignInPolicy(ctx, a, workspace.NoRequirement, 0)
	}
	return c.change(ctx, std, "accepts every sign-in method", lift)
}
