package web

import (
	"context"

	"github.com/keylodge/keylodge/workspace"
)

// WarnOfExpiry tells people which keys end soon. It may be called as often as wanted: of each key they are told three times at most.
func (s *Server) WarnOfExpiry(ctx context.Context) error {
	return s.Service.WarnOfExpiry(ctx, s.keyPage)
}

// keyPage is the address of a key's page.
func (s *Server) keyPage(w workspace.Workspace, keyID string) string {
	return s.hosts.origin(w.Slug) + keysPath + "/" + keyID
}
