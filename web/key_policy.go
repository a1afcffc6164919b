package web

import (
	"net/http"

	"github.com/keylodge/keylodge/internal/paths"
	"github.com/keylodge/keylodge/internal/workspace"
	"github.com/keylodge/keylodge/templates"
)

// setKeyPolicy sets the rules for new keys.
func (s *Server) setKeyPolicy(p *pageContext) error {
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
	view.Keys = templates.KeyPolicyForm{
		MaxDays: f.Get("max_days"), DefaultDays: f.Get("default_days"), MaxKeys: f.Get("max_keys"),
		FullAccess: f.Get("full_access"),
		NeedName:   f.Get("need_name"), Networks: f.Get("within"),
	}
	policy, err := workspace.KeyPolicyForm{
		MaxDays: view.Keys.MaxDays, DefaultDays: view.Keys.DefaultDays, MaxKeys: view.Keys.MaxKeys,
		FullAccess: view.Keys.FullAccess, NeedName: view.Keys.NeedName != "", Networks: splitList(view.Keys.Networks),
	}.Parse()
	if err == nil {
		err = s.service.SetKeyPolicy(p.ctx(), p.Actor, policy)
	}
	if view.Errors = wrongFields(err); view.Errors != nil {
		forgetKeys(&view.Keys.MaxDays, &view.Keys.DefaultDays, &view.Keys.MaxKeys, &view.Keys.Networks)
		return s.renderSettings(p, http.StatusUnprocessableEntity, view)
	}
	if err != nil {
		return err
	}
	return p.Redirect(http.StatusSeeOther, withNotice(paths.General, "saved"))
}
