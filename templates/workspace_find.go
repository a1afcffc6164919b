package templates

import "github.com/keylodge/keylodge/internal/workspace"

// WorkspaceFindForm asks for a workspace's address where several share one
// installation.
type WorkspaceFindForm struct {
	Notice     string // why one is here; may be empty
	Slug       string
	HostSuffix string
	Errors     workspace.Fields
}
