package templates

import "github.com/keylodge/keylodge/internal/workspace"

// ForgottenPasswordForm asks for the email address of a user who forgot their
// password.
type ForgottenPasswordForm struct {
	Email     string
	SendsMail bool
	Errors    workspace.Fields
}
