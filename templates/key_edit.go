package templates

import "github.com/keylodge/keylodge/internal/workspace"

// KeyEditView asks what a key should be.
type KeyEditView struct {
	KeyForm
	Key      workspace.ListedKey // as it is
	Conflict string              // somebody else has changed it meanwhile; may be empty
}

// expiryChoices are those of a new key, and to leave it as it is.
func (v KeyEditView) expiryChoices() []option {
	keep := "Keep: never"
	if !v.Key.ExpiresAt.IsZero() {
		keep = "Keep: " + dateOf(v.Key.ExpiresAt)
	}
	return append([]option{{"keep", keep}}, expiryChoices(v.Workspace.Keys)...)
}

// asItIs tells what of the key can be edited, as it is.
func (v KeyEditView) asItIs() string {
	text := "“" + v.Key.Title() + "” · " + limitsInFull(v.Key.Limits)
	if v.Key.ExpiresAt.IsZero() {
		return text + " · never expires."
	}
	return text + " · expires " + exactTime(v.Key.ExpiresAt) + "."
}
