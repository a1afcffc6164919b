package web

import (
	"context"
	"net/http"

	"github.com/keylodge/keylodge/internal/paths"
	"github.com/keylodge/keylodge/templates"
)

// listSessions shows the sessions of the user in this workspace.
func (s *Server) listSessions(p *pageContext) error {
	all, err := s.service.Sessions(p.ctx(), p.Actor)
	if err != nil {
		return err
	}
	return s.render(p, http.StatusOK, templates.SessionsPage(templates.SessionsView{
		Layout: s.layout(p, "Sessions"), Notice: p.notice(), Sessions: all, This: p.Session.ID(),
	}))
}

// endSession ends a session of the user.
func (s *Server) endSession(p *pageContext) error {
	return doThen(p, withNotice(paths.Sessions, "ended"), func(ctx context.Context) error {
		return s.service.EndOwnSession(ctx, p.Actor, p.Param("id"))
	})
}

// endOtherSessions ends all sessions of the user but this one.
func (s *Server) endOtherSessions(p *pageContext) error {
	return doThen(p, withNotice(paths.Sessions, "ended"), func(ctx context.Context) error {
		return s.service.EndOtherSessions(ctx, p.Actor, p.Session)
	})
}

// endMemberSessions signs a member out everywhere in this workspace.
func (s *Server) endMemberSessions(p *pageContext) error {
	if _, err := readForm(p); err != nil {
		return err
	}
	m, err := s.service.EndSessionsOf(p.ctx(), p.Actor, p.Param("id"))
	if err != nil {
		return err
	}
	return p.Redirect(http.StatusSeeOther, withMemberNotice(m, "signed-out"))
}
