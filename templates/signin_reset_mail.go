package templates

import "github.com/keylodge/keylodge/internal/workspace"

// ForgottenForm asks who has forgotten their password for their address.
type ForgottenForm struct {
	Email     string
	SendsMail bool
	Errors    workspace.Fields
}
