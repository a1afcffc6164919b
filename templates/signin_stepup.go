package templates

import "github.com/keylodge/keylodge/internal/workspace"

// StepUpForm asks for one more proof. Passwords are never sent back to the
// browser.
type StepUpForm struct {
	Ways      workspace.WaysIn
	Providers []workspace.Provider // that know the person
	Next      string
	Untold    bool   // the person's provider doesn't say when they proved who they are
	MaySetUp  bool   // the person may add a sign-in method in this session
	With      string // WithFactor, or empty: anything is proof enough
	Held      bool   // the workspace requires one of the person’s factors before they go on
	Errors    workspace.Fields
}

// WithFactor as [StepUpForm].With wants a second factor.
const WithFactor = "factor"

// FactorOnly says whether only a second factor is proof enough.
func (f StepUpForm) FactorOnly() bool { return f.With == WithFactor && f.Ways.HasFactor() }

func (f StepUpForm) takesPassword() bool { return f.Ways.Password && !f.FactorOnly() }

func (f StepUpForm) takesCode(w workspace.Workspace) bool {
	return f.Ways.HasTOTP() && !(f.Held && w.SignIn.Require == workspace.RequirePasskey)
}

func (f StepUpForm) codeLabel() string {
	if f.takesPassword() {
		return "Or a code of your authenticator app"
	}
	return "Code of your authenticator app"
}
