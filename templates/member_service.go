package templates

import "github.com/keylodge/keylodge/internal/workspace"

// ServiceAccountForm is what a new service account should be.
type ServiceAccountForm struct {
	Name   string
	Role   workspace.Role
	Errors workspace.Fields
}
