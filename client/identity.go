package client

import (
	"context"
	"net/http"
	"net/url"
	"strings"
)

// Identity is the key of a request and its owner.
type Identity struct {
	Workspace string   // the slug of the workspace
	User      string   // the id of the owner: a user or a service account
	Role      string   // of the owner: owner, admin, developer, auditor or member
	Scopes    []string // of the key; nil for full access: all that the owner may do
	KeyID     string
	KeyName   string
}

// identityFrom reads the headers of Keylodge's answer for a valid key. It
// returns false when one is missing: the server is then not a Keylodge.
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

// FromContext returns the identity of a request that [Client.Require] has
// passed on. It returns false for any other.
func FromContext(ctx context.Context) (Identity, bool) {
	id, ok := ctx.Value(contextKey{}).(Identity)
	return id, ok
}
