package templates

import (
	"github.com/keylodge/keylodge/internal/secret"
	"github.com/keylodge/keylodge/internal/workspace"
)

// KeyOnceView shows the secret of a key. No later response contains it.
type KeyOnceView struct {
	Layout
	Key     workspace.Key
	Secret  secret.Secret
	Origin  string // where the API is: "http://acme.localhost:8080"
	Overlap string // how long the old secret keeps working, see workspace.Overlaps; empty: no old secret
}

// AlreadyCreatedView answers a form that was sent twice. Only the first
// response showed the secret.
type AlreadyCreatedView struct {
	Layout
	Key       workspace.ListedKey
	MayRevoke bool
}
