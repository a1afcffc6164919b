package templates

import "github.com/keylodge/keylodge/internal/workspace"

// KeyRevokeView asks to confirm a revocation.
type KeyRevokeView struct {
	Layout
	Key      workspace.ListedKey
	Activity workspace.KeyActivity
	Reason   string // as chosen
	Back     string // URL of the list
	Errors   workspace.Fields
}

// inUse says how much a key is used.
func (v KeyRevokeView) inUse() string {
	if n := v.Activity.Allowed(v.Now.Add(-recentlyFor)); n > 0 {
		return checks(n) + " in the last 24 hours."
	}
	return ""
}
