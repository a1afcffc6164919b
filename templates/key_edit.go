package templates

import "github.com/keylodge/keylodge/internal/workspace"

// KeyEditView is the form that edits a key.
type KeyEditView struct {
	KeyForm
	Key      workspace.ListedKey // as it is
	Conflict string              // says that another user has changed the key; may be empty
}

// expiryChoices are those of a new key, and to keep the present expiry.
func (v KeyEditView) expiryChoices() []option {
	keep := "Keep: never"
	if !v.Key.ExpiresAt.IsZero() {
		keep = "Keep: " + dateOf(v.Key.ExpiresAt)
	}
	return append([]option{{"keep", keep}}, expiryChoices(v.Workspace.Keys)...)
}

// currentValues describes the present values of what can be edited.
func (v KeyEditView) currentValues() string {
	text := "“" + v.Key.Title() + "” · " + limitsInFull(v.Key.Limits)
	if v.Key.ExpiresAt.IsZero() {
		return text + " · never expires."
	}
	return text + " · expires " + exactTime(v.Key.ExpiresAt) + "."
}
