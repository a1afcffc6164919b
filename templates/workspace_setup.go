package templates

import "github.com/keylodge/keylodge/internal/workspace"

// WorkspaceSetupForm creates the first workspace and its owner. Passwords are
// never sent back to the browser.
type WorkspaceSetupForm struct {
	Token         string
	WorkspaceName string
	Slug          string
	Name          string
	Email         string
	HostSuffix    string // what follows the slug in the host of a workspace: ".localhost:8080"
	Errors        workspace.Fields
}
