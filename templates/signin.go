package templates

import "github.com/keylodge/keylodge/internal/workspace"

// SignInForm is e-mail, password, and where to go after.
type SignInForm struct {
	Email     string
	Next      string
	Notice    string // why one is here, such as "You are signed out."; may be empty
	Failed    string // why it did not work; may be empty
	Providers []workspace.Provider
}
