package web

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/keylodge/keylodge/internal/workspace"
	"github.com/keylodge/keylodge/templates"
)

func (s *Server) renderKeyOnce(c echo.Context, view templates.KeyOnceView) error {
	if isHTMX(c) {
		return s.renderShownOnce(c, http.StatusCreated, templates.KeyOnceDialog(view))
	}
	return s.renderShownOnce(c, http.StatusCreated, templates.KeyOncePage(view))
}

// renderAlreadyCreated answers a form that was sent twice. The first response
// showed the secret.
func (s *Server) renderAlreadyCreated(p *pageContext, key workspace.Key) error {
	listed, err := s.service.Key(p.ctx(), p.Actor, key.ID)
	if err != nil {
		return err
	}
	view := templates.AlreadyCreatedView{
		Layout: s.layout(p, "Already created"), Key: listed, MayRevoke: workspace.MayRevoke(p.Member, key),
	}
	if isHTMX(p) {
		return s.renderDialog(p, http.StatusConflict, templates.AlreadyCreatedDialog(view))
	}
	return s.render(p, http.StatusConflict, templates.AlreadyCreatedPage(view))
}
