package templates

import (
	"github.com/keylodge/keylodge/internal/secret"
	"github.com/keylodge/keylodge/internal/workspace"
)

// KeyOnceView shows a new key, once.
type KeyOnceView struct {
	Layout
	Key     workspace.Key
	Secret  secret.Secret
	Origin  string // where the API is: "http://acme.localhost:8080"
	Overlap string // for how long the secret before it goes on, see workspace.Overlaps; empty: there is none
}

// AlreadyCreatedView answers a form that was sent twice. The key was shown by
// the first answer only.
type AlreadyCreatedView struct {
	Layout
	Key       workspace.ListedKey
	MayRevoke bool
}
