package templates

import "github.com/keylodge/keylodge/internal/workspace"

// ServiceAccountForm adds a service account.
type ServiceAccountForm struct {
	Name   string
	Role   workspace.Role
	Errors workspace.Fields
}
