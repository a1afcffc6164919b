package templates

import "github.com/keylodge/keylodge/internal/workspace"

// ForgottenPasswordForm asks who has forgotten their password for their
// address.
type ForgottenPasswordForm struct {
	Email     string
	SendsMail bool
	Errors    workspace.Fields
}
