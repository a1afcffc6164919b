package web

import (
	"context"
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/keylodge/keylodge/internal/paths"
	"github.com/keylodge/keylodge/templates"
)

// listSessions shows where the person is signed in.
func (s *Server) listSessions(c echo.Context, v *visit) error {
	all, err := s.Service.Sessions(c.Request().Context(), v.Actor)
	if err != nil {
		return err
	}
	view := templates.SessionsView{Frame: s.frame(v, "Sessions"), Sessions: all, This: v.Session.ID()}
	if c.QueryParam("ended") != "" {
		view.Notice = "That session has ended. Its browser has to sign in again."
	}
	return s.render(c, http.StatusOK, templates.SessionsPage(view))
}

// endSession ends one of the person's own sessions.
func (s *Server) endSession(c echo.Context, v *visit) error {
	return doThen(c, paths.Sessions+"?ended=1", func(ctx context.Context) error {
		return s.Service.EndOwnSession(ctx, v.Actor, c.Param("id"))
	})
}

// endOtherSessions ends all of them but this one.
func (s *Server) endOtherSessions(c echo.Context, v *visit) error {
	return doThen(c, paths.Sessions+"?ended=1", func(ctx context.Context) error {
		return s.Service.EndOtherSessions(ctx, v.Actor, v.Session)
	})
}
