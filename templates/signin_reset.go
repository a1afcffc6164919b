package templates

import "github.com/keylodge/keylodge/internal/workspace"

// PasswordForm sets a password by a one-time link.
type PasswordForm struct {
	Token  string
	Link   workspace.EmailLink
	Errors workspace.Fields
}
