package templates

import "github.com/keylodge/keylodge/internal/workspace"

// KeyRevokeView is the question before a key is revoked.
type KeyRevokeView struct {
	Layout
	Key      workspace.ListedKey
	Activity workspace.KeyActivity
	Reason   string // as was chosen
	Back     string // the list as it was
	Errors   workspace.Fields
}

// inUse tells how much a key is used.
func (v KeyRevokeView) inUse() string {
	if n := v.Activity.Allowed(v.Now.Add(-recentlyFor)); n > 0 {
		return checks(n) + " in the last 24 hours."
	}
	return ""
}
