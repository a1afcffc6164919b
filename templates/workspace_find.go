package templates

import "github.com/keylodge/keylodge/internal/workspace"

// WorkspaceFindForm asks for the slug of a workspace where several share an
// installation.
type WorkspaceFindForm struct {
	Notice     string // may be empty
	Slug       string
	HostSuffix string
	Errors     workspace.Fields
}
