package web

import (
	"net/http"

	"github.com/keylodge/keylodge/internal/workspace"
	"github.com/keylodge/keylodge/templates"
)

// showKey shows the page of a key.
func (s *Server) showKey(p *pageContext) error {
	d, err := s.service.KeyDetails(p.ctx(), p.Actor, p.Param("id"))
	if err != nil {
		return err
	}
	s.addPendingUse(&d.ListedKey)
	return s.render(p, http.StatusOK, templates.KeyPage(templates.KeyView{
		Layout:        s.layout(p, d.Title()),
		Key:           d.ListedKey,
		Activity:      d.Activity,
		MayChange:     mayChangeKey(p, d.ListedKey),
		MayRotate:     d.Activity.Rotation == nil && workspace.MayRotate(p.Member, d.ListedKey, p.Now),
		MayReactivate: d.MayReactivate,
		Origin:        s.apiOrigin(p),
		Notice:        p.notice(),
	}))
}

func mayChangeKey(p *pageContext, k workspace.ListedKey) bool {
	return k.RevokedAt.IsZero() && workspace.MayRevoke(p.Member, k.Key)
}
