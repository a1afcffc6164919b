package templates

import "github.com/keylodge/keylodge/internal/workspace"

// KeyRotateView asks to confirm a rotation.
type KeyRotateView struct {
	Layout
	Key    workspace.ListedKey
	Errors workspace.Fields
}

var overlapNotes = map[string]string{
	"0": "The old one has ended.", "1h": "The old one goes on for 1 hour.", "24h": "The old one goes on for 24 hours.",
	"7d": "The old one goes on for 7 days.",
}

// overlapOptions are how long an old secret may keep working.
func overlapOptions() (all []option) {
	for _, o := range workspace.Overlaps {
		all = append(all, option{o.Value, o.Name})
	}
	return all
}
