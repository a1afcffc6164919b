package web

import (
	"net/http"

	"github.com/keylodge/keylodge/internal/paths"
	"github.com/keylodge/keylodge/templates"
)

func (s *Server) redirectToSecurity(p *pageContext) error {
	return p.Redirect(http.StatusSeeOther, paths.Security)
}

// showSecurity shows how the person signs in.
func (s *Server) showSecurity(p *pageContext) error {
	view := templates.SecurityView{}
	if p.QueryParam("removed") != "" {
		view.Notice = "The authenticator app is removed. Your password alone signs you in."
	}
	if p.QueryParam("changed") != "" {
		view.Notice = "Your password is changed. You are signed out everywhere else."
	}
	switch p.QueryParam("linked") {
	case "":
	case "none":
		view.Notice = "The provider is unlinked. It no longer signs you in."
	default:
		view.Notice = "The provider is linked. It signs you in from now on."
	}
	switch p.QueryParam("email") {
	case "asked":
		view.Notice = "A link is on its way to the new address. It becomes yours when you open it."
	case "changed":
		view.Notice = "Your address is changed. Sign in with it from now on."
	case "changed-alone":
		view.Notice = "Your address is changed, and your other sign-in methods were removed. Add them again here."
	}
	switch p.QueryParam("passkey") {
	case "added":
		view.Notice = "The passkey is added. It signs you in by itself."
	case "removed":
		view.Notice = "The passkey is removed. It no longer signs you in."
	}
	return s.renderSecurity(p, http.StatusOK, view)
}

func (s *Server) renderSecurity(p *pageContext, status int, view templates.SecurityView) (err error) {
	view.Layout = s.layout(p, "Security")
	view.SendsMail = s.Service.SendsMail()
	view.Held, view.TakesPasskeys = p.Held(), s.takesPasskeys()
	if view.Providers, err = s.Service.Providers(p.ctx(), p.Workspace.ID); err != nil {
		return err
	}
	if view.Ways, err = s.Service.WaysIn(p.ctx(), p.Actor); err != nil {
		return err
	}
	return s.render(p, status, templates.SecurityPage(view))
}
