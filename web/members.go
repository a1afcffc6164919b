package web

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/keylodge/keylodge/templates"
	"github.com/keylodge/keylodge/workspace"
)

// listMembers shows who is in the workspace, and what their roles may do.
func (s *Server) listMembers(c echo.Context, v *visit) error {
	view := templates.MembersView{Frame: s.frame(v, "Members")}
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
	if id := c.QueryParam("changed"); id != "" {
		if m, err := s.Service.Colleague(c.Request().Context(), v.Actor, id); err == nil {
			view.Notice = memberNotice(m)
		}
	}
	return s.render(c, http.StatusOK, templates.MembersPage(view))
}

func memberNotice(m workspace.Member) string {
	if !m.Active {
		return fmt.Sprintf("%s is deactivated: no sign-in, and their keys are refused.", m.DisplayName())
	}
	return fmt.Sprintf("%s is active as %s.", m.DisplayName(), m.Role)
}

// showMember asks what a member should be.
func (s *Server) showMember(c echo.Context, v *visit) error {
	m, err := s.Service.Colleague(c.Request().Context(), v.Actor, c.Param("id"))
	if err != nil {
		return err
	}
	return s.renderMember(c, http.StatusOK, v, m, nil)
}

func (s *Server) changeMember(c echo.Context, v *visit) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	ctx, active := c.Request().Context(), f.Get("active")
	if active != "true" && active != "false" {
		return echo.ErrBadRequest
	}
	m, err := s.Service.ChangeMember(ctx, v.Actor, c.Param("id"), func(m *workspace.Member) {
		m.Role, m.Active = workspace.Role(f.Get("role")), active == "true"
	})
	failed, ok := errors.AsType[*workspace.Error](err)
	switch {
	case err == nil:
		return c.Redirect(http.StatusSeeOther, membersPath+"?changed="+m.UserID)
	case ok && (failed.Kind == workspace.Invalid || failed.Kind == workspace.Conflict):
		m, err := s.Service.Colleague(ctx, v.Actor, c.Param("id"))
		if err != nil {
			return err
		}
		fields := failed.Fields
		if fields == nil {
			fields = workspace.Fields{"role": failed.Message}
		}
		return s.renderMember(c, answerFor(failed).status, v, m, fields)
	}
	return err
}

func (s *Server) renderMember(c echo.Context, status int, v *visit, m workspace.Member, wrong workspace.Fields) error {
	if !workspace.MayChange(v.Member, m) {
		return &workspace.Error{Kind: workspace.Forbidden, Message: "Your role does not let you change this member. Ask an owner of the workspace."}
	}
	if err := s.Service.FreshProof(v.Actor); err != nil {
		return err
	}
	return s.render(c, status, templates.MemberPage(templates.MemberView{
		Frame: s.frame(v, m.DisplayName()), Member: m, Roles: workspace.RolesToGive(v.Member), Errors: wrong,
	}))
}
