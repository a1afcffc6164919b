package web

import (
	"context"
	"net/http"

	"github.com/keylodge/keylodge/internal/paths"
	"github.com/keylodge/keylodge/templates"
)

// listSessions shows where the person is signed in.
func (s *Server) listSessions(p *pageContext) error {
	all, err := s.Service.Sessions(p.ctx(), p.Actor)
	if err != nil {
		return err
	}
	return s.render(p, http.StatusOK, templates.SessionsPage(templates.SessionsView{
		Layout: s.layout(p, "Sessions"), Notice: p.notice(), Sessions: all, This: p.Session.ID(),
	}))
}

// endSession ends one of the person's own sessions.
func (s *Server) endSession(p *pageContext) error {
	return doThen(p, withNotice(paths.Sessions, "ended"), func(ctx context.Context) error {
		return s.Service.EndOwnSession(ctx, p.Actor, p.Param("id"))
	})
}

// endOtherSessions ends all of them but this one.
func (s *Server) endOtherSessions(p *pageContext) error {
	return doThen(p, withNotice(paths.Sessions, "ended"), func(ctx context.Context) error {
		return s.Service.EndOtherSessions(ctx, p.Actor, p.Session)
	})
}

// endMemberSessions makes a member sign in again everywhere.
func (s *Server) endMemberSessions(p *pageContext) error {
	if _, err := readForm(p); err != nil {
		return err
	}
	m, err := s.Service.EndSessionsOf(p.ctx(), p.Actor, p.Param("id"))
	if err != nil {
		return err
	}
	return p.Redirect(http.StatusSeeOther, withMemberNotice(m, "signed-out"))
}
