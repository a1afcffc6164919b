package web

import (
	"net/http"

	"github.com/keylodge/keylodge/internal/paths"
	"github.com/keylodge/keylodge/internal/workspace"
	"github.com/keylodge/keylodge/templates"
)

// showOverview shows the state of all keys to members who may see them, and
// redirects others to the list.
func (s *Server) showOverview(p *pageContext) error {
	if !p.Member.Role.May(workspace.PermitSeeAllKeys) {
		return p.Redirect(http.StatusSeeOther, paths.Keys)
	}
	overview, err := s.service.Overview(p.ctx(), p.Actor)
	if err != nil {
		return err
	}
	return s.render(p, http.StatusOK, templates.OverviewPage(templates.OverviewView{
		Layout: s.layout(p, "Overview"), Overview: overview,
	}))
}
