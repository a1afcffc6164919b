package web

import (
	"fmt"
	"net/http"

	"github.com/keylodge/keylodge/internal/workspace"
	"github.com/keylodge/keylodge/templates"
)

// listMembers shows who is in the workspace, and what their roles may do.
func (s *Server) listMembers(p *pageContext) error {
	view := templates.MemberListView{Layout: s.layout(p, "Members"), Notice: s.changedNotice(p)}
	var err error
	if view.Members, view.Next, err = s.Service.Members(p.ctx(), p.Actor, p.QueryParam("after")); err != nil {
		return err
	}
	if p.Member.Role.May(workspace.ManageMembers) {
		if view.Invitations, err = s.Service.Invitations(p.ctx(), p.Actor); err != nil {
			return err
		}
	}
	if p.QueryParam("withdrawn") != "" {
		view.Notice = "The invitation is withdrawn. Its link is dead."
	}
	return s.render(p, http.StatusOK, templates.MemberListPage(view))
}

// changedNotice tells what has become of a member whom the form before has
// changed or removed.
func (s *Server) changedNotice(p *pageContext) string {
	if id := p.QueryParam("removed"); id != "" {
		if _, err := s.Service.Colleague(p.ctx(), p.Actor, id); workspace.KindOf(err) == workspace.NotFound {
			return "The member is removed, and so is all that they could do here."
		}
	}
	if id := p.QueryParam("signed-out"); id != "" {
		if m, err := s.Service.Colleague(p.ctx(), p.Actor, id); err == nil {
			return m.DisplayName() + " is signed out everywhere in this workspace."
		}
	}
	if id := p.QueryParam("changed"); id != "" {
		if m, err := s.Service.Colleague(p.ctx(), p.Actor, id); err == nil {
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
