package templates

import "github.com/keylodge/keylodge/internal/workspace"

// ResetPasswordForm sets a password by a one-time link.
type ResetPasswordForm struct {
	Token  string
	Link   workspace.EmailLink
	Errors workspace.Fields
}
