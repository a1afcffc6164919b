package web

import (
	"net/url"

	"github.com/keylodge/keylodge/internal/hosts"
	"github.com/keylodge/keylodge/internal/paths"
	"github.com/keylodge/keylodge/internal/workspace"
)

// NewLinks returns the URLs that messages contain, for an installation at a
// base URL.
func NewLinks(base *url.URL) workspace.Links {
	l := links{hosts.NewBase(base)}
	return workspace.Links{Key: l.keyPage, Token: l.tokenLink}
}

// links makes the URLs in messages.
type links struct{ hosts hosts.Base }

// keyPage returns the URL of a key's page.
func (l links) keyPage(w workspace.Workspace, keyID string) string {
	return l.hosts.Origin(w.Slug) + paths.Key(keyID)
}

// tokenPaths are the paths that one-time tokens are for.
var tokenPaths = map[workspace.Purpose]string{
	workspace.PurposePasswordReset: paths.ResetPassword, workspace.PurposeEmail: paths.ConfirmEmail,
	workspace.PurposeCancelEmail: paths.CancelEmailChange, workspace.PurposeInvitation: paths.Invitation,
}

// tokenLink returns the URL with a one-time token, at the host of a workspace
// or, if slug is empty, at the base host.
func (l links) tokenLink(slug string, p workspace.Purpose, token string) string {
	return l.hosts.Origin(slug) + tokenPaths[p] + "?" + url.Values{"token": {token}}.Encode()
}
