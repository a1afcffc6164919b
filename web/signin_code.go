package web

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/keylodge/keylodge/internal/paths"
	"github.com/keylodge/keylodge/internal/workspace"
	"github.com/keylodge/keylodge/templates"
)

// finishSignIn takes the code of who has entered their password.
func (s *Server) finishSignIn(c echo.Context, v *visit) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	form := templates.CodeForm{Token: f.Get("token"), Next: safeNext(f.Get("next"), paths.Keys)}
	in, err := s.Service.FinishSignIn(c.Request().Context(), v.asStranger(), form.Token, f.Get("code"), s.cookie(c, deviceCookie))
	if err == nil {
		return s.signedIn(c, v, in, form.Next)
	}
	status, wrong := s.wrongProof(c, err, "code", "This code is wrong, or has been used. Enter the next one.")
	if wrong == nil {
		return err
	}
	form.Errors = wrong
	return s.renderCode(c, status, v, form)
}

// signedIn begins the session or, when a code is wanted first, asks for it.
func (s *Server) signedIn(c echo.Context, v *visit, in workspace.SignedInSession, next string) error {
	if in.Await != "" {
		return s.renderCode(c, http.StatusOK, v, templates.CodeForm{Token: in.Await, Next: next})
	}
	if err := s.beginSession(c, in); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, next)
}

func (s *Server) renderCode(c echo.Context, status int, v *visit, form templates.CodeForm) error {
	return s.renderSecret(c, status, templates.CodePage(s.strangerFrame(v, "Enter your code"), form))
}
