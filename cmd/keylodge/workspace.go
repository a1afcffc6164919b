package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/keylodge/keylodge/internal/workspace"
)

type workspaceCommand struct {
	Create     workspaceCreateCommand     `cmd:"" help:"Create a workspace and its owner."`
	Disable    workspaceDisableCommand    `cmd:"" help:"${help_workspace_disable}"`
	Enable     workspaceEnableCommand     `cmd:"" help:"Accept the keys of a disabled workspace again."`
	LiftPolicy workspaceLiftPolicyCommand `cmd:"" name:"lift-sign-in-policy" help:"${help_workspace_lift}"`
}

// workspaceFlag names a workspace.
type workspaceFlag struct {
	Workspace string `required:"" placeholder:"SLUG" help:"The workspace's slug."`
}

func (w workspaceFlag) find(ctx context.Context, s *workspace.Service) (workspace.Workspace, error) {
	found, err := s.WorkspaceAt(ctx, strings.ToLower(w.Workspace))
	if workspace.KindOf(err) == workspace.NotFound {
		return found, fmt.Errorf("no workspace %q", w.Workspace)
	}
	return found, err
}

// operatorIn returns the operator as an actor in a workspace.
func operatorIn(w workspace.Workspace) workspace.Actor {
	a := workspace.Operator
	a.WorkspaceID = w.ID
	return a
}
