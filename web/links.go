package web

import (
	"net/url"

	"github.com/keylodge/keylodge/internal/hosts"
	"github.com/keylodge/keylodge/internal/paths"
	"github.com/keylodge/keylodge/internal/workspace"
)

// NewLinks returns what makes the links in messages, for an installation at a
// base URL.
func NewLinks(base *url.URL) workspace.Links {
	l := links{hosts.NewBase(base)}
	return workspace.Links{Key: l.keyPage, Token: l.tokenLink}
}

// links makes the URLs in messages.
type links struct{ hosts hosts.Base }

// keyPage is the URL of a key's page.
func (l links) keyPage(w workspace.Workspace, keyID string) string {
	return l.hosts.Origin(w.Slug) + paths.Key(keyID)
}

// tokenPaths say where a link with a token leads.
var tokenPaths = map[workspace.Purpose]string{
	workspace.PurposePasswordReset: paths.ResetPassword, workspace.PurposeEmail: paths.ConfirmEmail,
	workspace.PurposeCancelEmail: paths.CancelEmailChange, workspace.PurposeInvitation: paths.Invitation,
}

// tokenLink is a link with a one-time token, at the host of a workspace or,
// when slug is empty, at the base host.
func (l links) tokenLink(slug string, p workspace.Purpose, token string) string {
	return l.hosts.Origin(slug) + tokenPaths[p] + "?" + url.Values{"token": {token}}.Encode()
}
