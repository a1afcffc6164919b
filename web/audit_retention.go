package web

import (
	"net/http"
	"strings"

	"github.com/keylodge/keylodge/internal/paths"
	"github.com/keylodge/keylodge/internal/workspace"
)

// setAuditRetention sets how long the audit log is kept.
func (s *Server) setAuditRetention(p *pageContext) error {
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
	view.AuditDays = strings.TrimSpace(f.Get("audit_days"))
	days, err := workspace.ParseAuditDays(view.AuditDays)
	if err == nil {
		err = s.service.SetAuditRetention(p.ctx(), p.Actor, days)
	}
	if view.Errors = wrongFields(err); view.Errors != nil {
		forgetKeys(&view.AuditDays)
		return s.renderSettings(p, http.StatusUnprocessableEntity, view)
	}
	if err != nil {
		return err
	}
	return p.Redirect(http.StatusSeeOther, withNotice(paths.General, "saved"))
}
