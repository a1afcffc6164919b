package templates

import (
	"strconv"

	"github.com/keylodge/keylodge/internal/workspace"
)

func requirementChoices() (choices [][2]string) {
	for _, r := range workspace.Requirements {
		choices = append(choices, [2]string{string(r.Requirement), r.Name})
	}
	return choices
}

func (v GeneralView) graceChoices() (choices [][2]string) {
	if from := v.Workspace.SignIn.From; from.After(v.Now) {
		choices = append(choices, [2]string{"keep", dateOf(from)})
	}
	for _, days := range workspace.GracePeriods {
		name := "Now"
		if days > 0 {
			name = "In " + plural(days, "day")
		}
		choices = append(choices, [2]string{strconv.Itoa(days), name})
	}
	return choices
}
