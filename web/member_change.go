package web

import (
	"errors"
	"net/http"

	"github.com/keylodge/keylodge/internal/workspace"
	"github.com/keylodge/keylodge/templates"
)

// memberToChange returns the member in the path if the user may change them and
// has stepped up.
func (s *Server) memberToChange(p *pageContext) (workspace.Member, error) {
	m, err := s.service.Member(p.ctx(), p.Actor, p.Param("id"))
	if err != nil {
		return m, err
	}
	if !workspace.MayChange(p.Member, m) {
		return m, &workspace.Error{
			Kind:    workspace.Forbidden,
			Message: "Your role does not let you change this member. Ask an owner of the workspace.",
		}
	}
	return m, s.service.RequireFreshProof(p.Actor)
}

// showMember shows the form that changes a member.
func (s *Server) showMember(p *pageContext) error {
	m, err := s.memberToChange(p)
	if err != nil {
		return err
	}
	return s.renderMember(p, http.StatusOK, templates.MemberChangeView{
		Layout: s.layout(p, m.DisplayName()), Member: m,
	})
}

func (s *Server) changeMember(p *pageContext) error {
	f, err := readForm(p)
	if err != nil {
		return err
	}
	role, active := workspace.Role(f.Get("role")), f.Get("active")
	if active != "true" && active != "false" {
		m, err := s.memberToChange(p)
		if err != nil {
			return err
		}
		view := templates.MemberChangeView{
			Layout: s.layout(p, m.DisplayName()), Member: m,
			Errors: workspace.Fields{"active": "Choose one of these."},
		}
		view.Member.Role = role
		return s.renderMember(p, http.StatusUnprocessableEntity, view)
	}
	m, err := s.service.ChangeMember(p.ctx(), p.Actor, p.Param("id"), func(m *workspace.Member) {
		m.Role, m.Active = role, active == "true"
		if m.Service && f.Has("name") {
			m.Name = f.Get("name")
		}
	})
	failed, ok := errors.AsType[*workspace.Error](err)
	switch {
	case err == nil:
		return p.Redirect(http.StatusSeeOther, withMemberNotice(m, "changed"))
	case ok && (failed.Kind == workspace.Invalid || failed.Kind == workspace.Conflict):
		before, err := s.memberToChange(p)
		if err != nil {
			return err
		}
		fields := failed.Fields
		if fields == nil {
			fields = workspace.Fields{"role": failed.Message}
		}
		forgetKeys(&m.Name)
		return s.renderMember(p, failureOf(failed).status, templates.MemberChangeView{
			Layout: s.layout(p, before.DisplayName()), Member: m, Errors: fields,
		})
	}
	return err
}

func (s *Server) renderMember(p *pageContext, status int, view templates.MemberChangeView) error {
	view.Roles = workspace.RolesToGive(p.Member)
	if view.Member.Service {
		view.Roles = serviceRoles(p.Member)
	}
	return s.render(p, status, templates.MemberChangePage(view))
}
