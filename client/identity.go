package client

import (
	"context"
	"net/http"
	"net/url"
	"strings"
)

// Identity is whom a key stands for.
type Identity struct {
	Workspace string   // its slug
	User      string   // the owner's id
	Role      string   // the owner's: owner, admin, developer, auditor or member
	Scopes    []string // nil: full access, all that the owner may do
	KeyID     string
	KeyName   string
}

// identityFrom reads what Keylodge says of a good key. It returns false when
// the headers are not all there: what answers is then no Keylodge.
func identityFrom(h http.Header) (Identity, bool) {
	name, err := url.PathUnescape(h.Get("X-Keylodge-Key-Name"))
	id := Identity{
		Workspace: h.Get("X-Keylodge-Workspace"), User: h.Get("X-Keylodge-User"), Role: h.Get("X-Keylodge-Role"),
		KeyID: h.Get("X-Keylodge-Key-Id"), KeyName: name,
	}
	_, scoped := h["X-Keylodge-Scopes"]
	if scopes := h.Get("X-Keylodge-Scopes"); scopes != "" {
		id.Scopes = strings.Split(scopes, " ")
	}
	return id, err == nil && scoped && id.Workspace != "" && id.User != "" && id.Role != "" && id.KeyID != ""
}

type contextKey struct{}

// FromContext returns whom the key of a request stands for that
// [Client.Require] has let through.
func FromContext(ctx context.Context) (Identity, bool) {
	id, ok := ctx.Value(contextKey{}).(Identity)
	return id, ok
}
