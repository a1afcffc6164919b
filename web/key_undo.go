package web

import (
	"context"

	"github.com/keylodge/keylodge/internal/paths"
)

// restoreKey takes a revocation back.
func (s *Server) restoreKey(p *pageContext) error {
	return doThen(p, paths.Key(p.Param("id"))+"?done=restored", func(ctx context.Context) error {
		return s.Service.RestoreKey(ctx, p.Actor, p.Param("id"))
	})
}

// mayUndo says whether who is signed in may undo the revocation of a key; an
// empty id is none.
func (s *Server) mayUndo(ctx context.Context, p *pageContext, keyID string) (bool, error) {
	if keyID == "" {
		return false, nil
	}
	key, err := s.Service.Key(ctx, p.Actor, keyID)
	if err != nil {
		return false, err
	}
	return s.Service.MayRestart(ctx, p.Actor, key.Key)
}
