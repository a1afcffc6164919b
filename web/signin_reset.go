package web

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/keylodge/keylodge/internal/paths"
	"github.com/keylodge/keylodge/templates"
)

func (s *Server) showResetPassword(c echo.Context) error {
	token := c.QueryParam("token")
	link, err := s.service.ResetLink(c.Request().Context(), token)
	if err != nil {
		return s.renderBadLink(c, err)
	}
	return s.renderResetPassword(c, http.StatusOK, templates.ResetPasswordForm{Token: token, Link: link})
}

// resetPassword sets a password by a one-time link. It does not sign in.
func (s *Server) resetPassword(c echo.Context) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	ctx, token := c.Request().Context(), f.Get("token")
	link, err := s.service.ResetLink(ctx, token)
	if err != nil {
		return s.renderBadLink(c, err)
	}
	err = s.service.ResetPassword(ctx, s.stranger(c), token, f.Get("password"))
	if wrong := wrongFields(err); wrong != nil {
		return s.renderResetPassword(c, http.StatusUnprocessableEntity, templates.ResetPasswordForm{
			Token: token, Link: link, Errors: wrong,
		})
	}
	if err != nil {
		return s.renderBadLink(c, err)
	}
	done := "password-set"
	if link.RemovesMethods {
		done = "password-set-alone"
	}
	return c.Redirect(http.StatusSeeOther, withNotice(paths.SignIn, done))
}

func (s *Server) renderResetPassword(c echo.Context, status int, form templates.ResetPasswordForm) error {
	return s.render(c, status, templates.ResetPasswordPage(s.layout(nil, "Set your password"), form))
}
