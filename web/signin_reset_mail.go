package web

import (
	"fmt"
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/keylodge/keylodge/internal/paths"
	"github.com/keylodge/keylodge/templates"
)

// showForgotten asks for the address of who has forgotten their password.
func (s *Server) showForgotten(c echo.Context, v *visit) error {
	return s.renderForgotten(c, http.StatusOK, v, templates.ForgottenForm{})
}

// forgotten sends a link, and answers the same whether there is such an account
// or not.
func (s *Server) forgotten(c echo.Context, v *visit) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	form := templates.ForgottenForm{Email: f.Get("email")}
	err = s.Service.MailResetLink(c.Request().Context(), v.asStranger(), form.Email)
	if err == nil {
		return s.render(c, http.StatusOK, templates.MessagePage(s.strangerFrame(v, "Look into your mail"), "Look into your mail", fmt.Sprintf(
			"If %s has an account here, a link to set its password is on its way. It works once, for a day.", form.Email), paths.SignIn, "Sign in"))
	}
	status, wrong := s.wrongProof(c, err, "email", "")
	if wrong == nil {
		return err
	}
	form.Errors = wrong
	forgetKeys(&form.Email)
	return s.renderForgotten(c, status, v, form)
}

func (s *Server) renderForgotten(c echo.Context, status int, v *visit, form templates.ForgottenForm) error {
	form.SendsMail = s.Service.SendsMail()
	return s.render(c, status, templates.ForgottenPage(s.strangerFrame(v, "Forgotten password"), form))
}
