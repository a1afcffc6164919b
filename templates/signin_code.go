package templates

import "github.com/keylodge/keylodge/internal/workspace"

// SignInCodeForm is the second half of a sign-in.
type SignInCodeForm struct {
	Token  string // that goes on with it
	Next   string
	Errors workspace.Fields
}
