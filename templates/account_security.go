package templates

import "github.com/keylodge/keylodge/internal/workspace"

// SecurityView is how a person signs in. Passwords are never sent back to the
// browser.
type SecurityView struct {
	Layout
	Ways          workspace.WaysIn
	TakesPasskeys bool
	Providers     []workspace.Provider // of the workspace
	SendsMail     bool
	NewEmail      string // as it was typed
	Held          bool   // the workspace requires more before the person may go on
	Notice        string
	Errors        workspace.Fields
}
