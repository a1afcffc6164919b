package web

import (
	"net/http"
	"net/url"

	"github.com/labstack/echo/v4"

	"github.com/keylodge/keylodge/templates"
)

// askToConfirm sends a person who signed in a while ago to prove once more who they are, and back to the page that they came
// from.
func (s *Server) askToConfirm(c echo.Context) error {
	to := confirmPath
	if back, err := url.Parse(c.Request().Referer()); err == nil {
		to = confirmAddress(safeNext(back.RequestURI(), keysPath))
	}
	if isHTMX(c) {
		c.Response().Header().Set("HX-Redirect", to)
		return c.NoContent(http.StatusForbidden)
	}
	return c.Redirect(http.StatusSeeOther, to)
}

func confirmAddress(next string) string {
	return confirmPath + "?" + url.Values{"next": {next}}.Encode()
}

func (s *Server) showConfirm(c echo.Context, v *visit) error {
	return s.renderConfirm(c, http.StatusOK, v, templates.ConfirmForm{Next: safeNext(c.QueryParam("next"), keysPath)})
}

// confirm takes the password once more, and goes on in a new session.
func (s *Server) confirm(c echo.Context, v *visit) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	form := templates.ConfirmForm{Next: safeNext(f.Get("next"), keysPath)}
	in, err := s.Service.SignIn(c.Request().Context(), v.Actor, v.Member.Email, f.Get("password"), s.cookie(c, deviceCookie))
	if err == nil {
		if err := s.beginSession(c, in); err != nil {
			return err
		}
		return c.Redirect(http.StatusSeeOther, form.Next)
	}
	status, fields := s.wrongPassword(c, err, "password")
	if fields == nil {
		return err
	}
	form.Errors = fields
	return s.renderConfirm(c, status, v, form)
}

func (s *Server) renderConfirm(c echo.Context, status int, v *visit, form templates.ConfirmForm) error {
	return s.render(c, status, templates.ConfirmPage(s.frame(v, "Confirm that it is you"), form))
}
