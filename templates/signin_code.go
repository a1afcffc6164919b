package templates

import "github.com/keylodge/keylodge/internal/workspace"

// SignInCodeForm asks for the code of an authenticator app.
type SignInCodeForm struct {
	Token  string // of the sign-in that waits for the code
	Next   string
	Errors workspace.Fields
}
