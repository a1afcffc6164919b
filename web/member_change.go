package web

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/keylodge/keylodge/internal/paths"
	"github.com/keylodge/keylodge/internal/workspace"
	"github.com/keylodge/keylodge/templates"
)

// listMembers shows who is in the workspace, and what their roles may do.
func (s *Server) listMembers(c echo.Context, v *visit) error {
	view := templates.MembersView{Frame: s.frame(v, "Members"), Notice: s.changedNotice(c, v)}
	var err error
	if view.Members, view.Next, err = s.Service.Members(c.Request().Context(), v.Actor, c.QueryParam("after")); err != nil {
		return err
	}
	if v.Member.Role.May(workspace.ManageMembers) {
		if view.Invitations, err = s.Service.Invitations(c.Request().Context(), v.Actor); err != nil {
			return err
		}
	}
	if c.QueryParam("withdrawn") != "" {
		view.Notice = "The invitation is withdrawn. Its link is dead."
	}
	return s.render(c, http.StatusOK, templates.MembersPage(view))
}

// changedNotice tells what has become of a member whom the form before has
// changed or removed.
func (s *Server) changedNotice(c echo.Context, v *visit) string {
	if id := c.QueryParam("removed"); id != "" {
		if _, err := s.Service.Colleague(c.Request().Context(), v.Actor, id); workspace.KindOf(err) == workspace.NotFound {
			return "The member is removed, and so is all that they could do here."
		}
	}
	if id := c.QueryParam("signed-out"); id != "" {
		if m, err := s.Service.Colleague(c.Request().Context(), v.Actor, id); err == nil {
			return m.DisplayName() + " is signed out everywhere in this workspace."
		}
	}
	if id := c.QueryParam("changed"); id != "" {
		if m, err := s.Service.Colleague(c.Request().Context(), v.Actor, id); err == nil {
			return memberNotice(m)
		}
	}
	return ""
}

func memberNotice(m workspace.Member) string {
	switch {
	case m.Active:
		return fmt.Sprintf("%s is active as %s.", m.DisplayName(), m.Role)
	case m.Service:
		return fmt.Sprintf("%s is deactivated: its keys are refused.", m.DisplayName())
	}
	return fmt.Sprintf("%s is deactivated: no sign-in, and their keys are refused.", m.DisplayName())
}

// changeable returns the member of a route's id, whom somebody with a fresh
// proof may change.
func (s *Server) changeable(c echo.Context, v *visit) (workspace.Member, error) {
	m, err := s.Service.Colleague(c.Request().Context(), v.Actor, c.Param("id"))
	if err != nil {
		return m, err
	}
	if !workspace.MayChange(v.Member, m) {
		return m, &workspace.Error{Kind: workspace.Forbidden, Message: "Your role does not let you change this member. Ask an owner of the workspace."}
	}
	return m, s.Service.FreshProof(v.Actor)
}

// showMember asks what a member should be.
func (s *Server) showMember(c echo.Context, v *visit) error {
	m, err := s.changeable(c, v)
	if err != nil {
		return err
	}
	return s.renderMember(c, http.StatusOK, v, m, m.DisplayName(), nil)
}

func (s *Server) changeMember(c echo.Context, v *visit) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	role, active := workspace.Role(f.Get("role")), f.Get("active")
	if active != "true" && active != "false" {
		m, err := s.changeable(c, v)
		if err != nil {
			return err
		}
		title := m.DisplayName()
		m.Role = role
		return s.renderMember(c, http.StatusUnprocessableEntity, v, m, title,
			workspace.Fields{"active": "Choose one of these."})
	}
	m, err := s.Service.ChangeMember(c.Request().Context(), v.Actor, c.Param("id"), func(m *workspace.Member) {
		m.Role, m.Active = role, active == "true"
		if m.Service && f.Has("name") {
			m.Name = f.Get("name")
		}
	})
	failed, ok := errors.AsType[*workspace.Error](err)
	switch {
	case err == nil && m.Service:
		return c.Redirect(http.StatusSeeOther, paths.ServiceAccounts+"?changed="+m.UserID)
	case err == nil:
		return c.Redirect(http.StatusSeeOther, paths.Members+"?changed="+m.UserID)
	case ok && (failed.Kind == workspace.Invalid || failed.Kind == workspace.Conflict):
		before, err := s.changeable(c, v)
		if err != nil {
			return err
		}
		fields := failed.Fields
		if fields == nil {
			fields = workspace.Fields{"role": failed.Message}
		}
		forgetKeys(&m.Name)
		return s.renderMember(c, answerFor(failed).status, v, m, before.DisplayName(), fields)
	}
	return err
}

func (s *Server) renderMember(c echo.Context, status int, v *visit, m workspace.Member, title string, wrong workspace.Fields) error {
	roles := workspace.RolesToGive(v.Member)
	if m.Service {
		roles = serviceRoles(v.Member)
	}
	return s.render(c, status, templates.MemberPage(templates.MemberView{Frame: s.frame(v, title), Member: m, Roles: roles, Errors: wrong}))
}

// endSessionsOf makes a member sign in again everywhere.
func (s *Server) endSessionsOf(c echo.Context, v *visit) error {
	if _, err := readForm(c); err != nil {
		return err
	}
	m, err := s.Service.EndSessionsOf(c.Request().Context(), v.Actor, c.Param("id"))
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, paths.Members+"?signed-out="+m.UserID)
}
