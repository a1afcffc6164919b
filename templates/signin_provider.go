package templates

import (
	"slices"

	"github.com/keylodge/keylodge/internal/workspace"
)

// identityAt returns the viewer's identity at a provider.
func (v SecurityView) identityAt(p workspace.Provider) (workspace.Identity, bool) {
	i := slices.IndexFunc(v.Methods.Identities, func(i workspace.Identity) bool { return i.Issuer == p.Issuer })
	if i < 0 {
		return workspace.Identity{}, false
	}
	return v.Methods.Identities[i], true
}
