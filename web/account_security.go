package web

import (
	"net/http"

	"github.com/keylodge/keylodge/internal/paths"
	"github.com/keylodge/keylodge/templates"
)

func (s *Server) redirectToSecurity(p *pageContext) error {
	return p.Redirect(http.StatusSeeOther, paths.Security)
}

// showSecurity shows the sign-in methods of the user.
func (s *Server) showSecurity(p *pageContext) error {
	return s.renderSecurity(p, http.StatusOK, templates.SecurityView{Notice: p.notice()})
}

func (s *Server) renderSecurity(p *pageContext, status int, view templates.SecurityView) (err error) {
	view.Layout = s.layout(p, "Security")
	view.SendsMail = s.service.SendsMail()
	view.LacksRequiredMethod, view.TakesPasskeys = p.LacksRequiredMethod(), s.takesPasskeys()
	if view.Providers, err = s.service.Providers(p.ctx(), p.Workspace.ID); err != nil {
		return err
	}
	if view.Methods, err = s.service.SignInMethods(p.ctx(), p.Actor); err != nil {
		return err
	}
	return s.render(p, status, templates.SecurityPage(view))
}
