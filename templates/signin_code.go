package templates

import "github.com/keylodge/keylodge/internal/workspace"

// CodeForm is the second half of a sign-in.
type CodeForm struct {
	Token  string // that goes on with it
	Next   string
	Errors workspace.Fields
}
