package templates

import "github.com/keylodge/keylodge/internal/workspace"

// SecurityView shows the sign-in methods of a user. Passwords are never sent
// back to the browser.
type SecurityView struct {
	Layout
	Methods             workspace.SignInMethods
	TakesPasskeys       bool
	Providers           []workspace.Provider // of the workspace
	SendsMail           bool
	NewEmail            string // as typed
	LacksRequiredMethod bool   // the workspace requires another sign-in method first
	Notice              string
	Errors              workspace.Fields
}
