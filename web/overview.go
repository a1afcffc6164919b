package web

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/keylodge/keylodge/internal/paths"
	"github.com/keylodge/keylodge/internal/workspace"
	"github.com/keylodge/keylodge/templates"
)

// showOverview shows how the keys of a workspace are, to who may see all of
// them, and leads others to their own.
func (s *Server) showOverview(c echo.Context, v *visit) error {
	if !v.Member.Role.May(workspace.SeeAllKeys) {
		return c.Redirect(http.StatusSeeOther, paths.Keys)
	}
	overview, err := s.Service.Overview(c.Request().Context(), v.Actor)
	if err != nil {
		return err
	}
	return s.render(c, http.StatusOK, templates.OverviewPage(templates.OverviewView{Frame: s.frame(v, "Overview"), Overview: overview}))
}
