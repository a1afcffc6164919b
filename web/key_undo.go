package web

import (
	"context"

	"github.com/keylodge/keylodge/internal/paths"
)

// restoreKey undoes a revocation.
func (s *Server) restoreKey(p *pageContext) error {
	return doThen(p, withNotice(paths.Key(p.Param("id")), "restored"), func(ctx context.Context) error {
		return s.service.RestoreKey(ctx, p.Actor, p.Param("id"))
	})
}
