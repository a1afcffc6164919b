package web

import (
	"net/url"

	"github.com/keylodge/keylodge/internal/paths"
	"github.com/keylodge/keylodge/internal/workspace"
)

// NewLinks returns what makes the links in messages, for an installation at a
// base URL.
func NewLinks(base *url.URL) workspace.Links {
	h := newHosts(base)
	return workspace.Links{Key: h.keyPage, Token: h.tokenLink}
}

// keyPage is the URL of a key's page.
func (h hosts) keyPage(w workspace.Workspace, keyID string) string {
	return h.origin(w.Slug) + paths.Key(keyID)
}

// tokenPaths say where a link with a token leads.
var tokenPaths = map[workspace.Purpose]string{
	workspace.PurposePasswordReset: paths.ResetPassword, workspace.PurposeEmail: paths.ConfirmEmail,
	workspace.PurposeCancelEmail: paths.CancelEmailChange, workspace.PurposeInvitation: paths.Invitation,
}

// tokenLink is a link with a one-time token, at the host of a workspace or,
// when slug is empty, at the base host.
func (h hosts) tokenLink(slug string, p workspace.Purpose, token string) string {
	return h.origin(slug) + tokenPaths[p] + "?" + url.Values{"token": {token}}.Encode()
}
