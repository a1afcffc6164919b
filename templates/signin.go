package templates

import "github.com/keylodge/keylodge/internal/workspace"

// SignInForm is the form of a sign-in with a password.
type SignInForm struct {
	Email     string
	Next      string
	Notice    string // such as "You are signed out."; may be empty
	Failed    string // why the sign-in failed; may be empty
	Providers []workspace.Provider
}
