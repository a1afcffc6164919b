package templates

import "github.com/keylodge/keylodge/internal/workspace"

// StepUpForm is the form of a step-up. Passwords are never sent back to the
// browser.
type StepUpForm struct {
	Methods             workspace.SignInMethods
	Providers           []workspace.Provider // that are linked to the user
	Next                string
	Untold              bool   // the provider does not say when the user last signed in there
	MaySetUp            bool   // the user may add a sign-in method in this session
	With                string // WithFactor, or empty: any method counts
	LacksRequiredMethod bool   // the workspace requires a second factor, which the user has
	Errors              workspace.Fields
}

// WithFactor in [StepUpForm].With requires a second factor.
const WithFactor = "factor"

// FactorOnly reports whether only a second factor counts.
func (f StepUpForm) FactorOnly() bool { return f.With == WithFactor && f.Methods.HasFactor() }

func (f StepUpForm) takesPassword() bool { return f.Methods.Password && !f.FactorOnly() }

func (f StepUpForm) takesCode(w workspace.Workspace) bool {
	return f.Methods.HasTOTP() && !(f.LacksRequiredMethod && w.SignIn.Require == workspace.RequirePasskey)
}

func (f StepUpForm) codeLabel() string {
	if f.takesPassword() {
		return "Or a code of your authenticator app"
	}
	return "Code of your authenticator app"
}
