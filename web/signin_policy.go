package web

import (
	"net/http"

	"github.com/keylodge/keylodge/internal/paths"
	"github.com/keylodge/keylodge/internal/workspace"
)

// setSignInPolicy sets which sign-in methods the workspace requires.
func (s *Server) setSignInPolicy(p *pageContext) error {
	f, err := readForm(p)
	if err != nil {
		return err
	}
	if !p.Member.Role.May(workspace.PermitManagePolicies) {
		return workspace.ErrRole
	}
	view, err := s.settingsView(p)
	if err != nil {
		return err
	}
	view.Require, view.Days = workspace.Requirement(f.Get("require")), f.Get("days")
	days, err := workspace.ParseGraceDays(view.Days)
	if err == nil {
		err = s.service.SetSignInPolicy(p.ctx(), p.Actor, view.Require, days)
	}
	if view.Errors = wrongFields(err); view.Errors != nil {
		return s.renderSettings(p, http.StatusUnprocessableEntity, view)
	}
	if err != nil {
		return err
	}
	return p.Redirect(http.StatusSeeOther, withNotice(paths.General, "saved"))
}
