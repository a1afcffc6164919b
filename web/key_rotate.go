package web

import (
	"context"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"github.com/keylodge/keylodge/internal/paths"
	"github.com/keylodge/keylodge/internal/workspace"
	"github.com/keylodge/keylodge/templates"
)

// showRotateKey asks for how long the old secret should go on.
func (s *Server) showRotateKey(c echo.Context, v *visit) error {
	return s.renderRotateKey(c, http.StatusOK, v, nil)
}

func (s *Server) renderRotateKey(c echo.Context, status int, v *visit, wrong workspace.Fields) error {
	key, err := s.Service.Key(c.Request().Context(), v.Actor, c.Param("id"))
	if err != nil {
		return err
	}
	if !workspace.MayRotate(v.Member, key, s.Service.Now()) {
		return errNotYours
	}
	return s.render(c, status, templates.RotatePage(templates.RotateView{Frame: s.frame(v, "Rotate "+key.Title()), Key: key, Errors: wrong}))
}

// rotateKey gives a key a new secret and shows it: in this answer and nowhere
// ever again.
func (s *Server) rotateKey(c echo.Context, v *visit) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	from := -1
	if f.Has("from") {
		if from, err = strconv.Atoi(f.Get("from")); err != nil || from < 0 {
			return s.renderRotateKey(c, http.StatusUnprocessableEntity, v,
				workspace.Fields{"from": "This form is incomplete. Reload the page and send it again."})
		}
	}
	key, secret, err := s.Service.RotateKey(c.Request().Context(), v.Actor, c.Param("id"), f.Get("overlap"), from)
	if wrong := wrongFields(err); wrong != nil {
		return s.renderRotateKey(c, http.StatusUnprocessableEntity, v, wrong)
	}
	if err != nil {
		return err
	}
	return s.renderShownOnce(c, http.StatusCreated, templates.OncePage(templates.OnceView{
		Frame: s.frame(v, "Copy your key now"), Key: key.Key, Secret: secret, Origin: s.apiOrigin(c), Overlap: f.Get("overlap"),
	}))
}

// setOverlap lets the old secret of a key go on, or ends it.
func (s *Server) setOverlap(c echo.Context, v *visit) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	done := "extended"
	if f.Get("overlap") == "0" {
		done = "retired"
	}
	return doThen(c, paths.Key(c.Param("id"))+"?done="+done, func(ctx context.Context) error {
		return s.Service.SetOverlap(ctx, v.Actor, c.Param("id"), f.Get("overlap"))
	})
}

// restoreKey takes a revocation back.
func (s *Server) restoreKey(c echo.Context, v *visit) error {
	return doThen(c, paths.Key(c.Param("id"))+"?done=restored", func(ctx context.Context) error {
		return s.Service.RestoreKey(ctx, v.Actor, c.Param("id"))
	})
}
