package templates

import (
	"strconv"

	"github.com/keylodge/keylodge/internal/workspace"
)

func requirementChoices() (choices []option) {
	for _, r := range workspace.Requirements {
		choices = append(choices, option{string(r.Requirement), r.Name})
	}
	return choices
}

func (v WorkspaceSettingsView) graceChoices() (choices []option) {
	if from := v.Workspace.SignIn.From; from.After(v.Now) {
		choices = append(choices, option{"keep", dateOf(from)})
	}
	for _, days := range workspace.GracePeriods {
		name := "Now"
		if days > 0 {
			name = "In " + plural(days, "day")
		}
		choices = append(choices, option{strconv.Itoa(days), name})
	}
	return choices
}

// requirements are what a workspace may require, as a sentence has it;
// howToMeet is what to do about it.
var (
	requirements = map[workspace.Requirement]string{
		workspace.RequireSecondFactor: "a second factor",
		workspace.RequirePasskey:      "a passkey",
		workspace.RequireProvider:     "single sign-on",
	}
	howToMeet = map[workspace.Requirement]string{
		workspace.RequireSecondFactor: "Add a passkey or set up an authenticator app.",
		workspace.RequirePasskey:      "Add a passkey.",
		workspace.RequireProvider:     "Sign in with your identity provider.",
	}
)
