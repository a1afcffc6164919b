package web

import (
	"fmt"
	"net/http"
	"net/url"

	"github.com/labstack/echo/v4"

	"github.com/keylodge/keylodge/templates"
	"github.com/keylodge/keylodge/workspace"
)

// link returns what makes a link of a token, at the host of the request.
func (s *Server) link(c echo.Context, path string) func(token string) string {
	before := s.hosts.origin(s.hosts.slug(c.Request().Host)) + path + "?"
	return func(token string) string { return before + url.Values{"token": {token}}.Encode() }
}

// showForgotten asks for the address of who has forgotten their password.
func (s *Server) showForgotten(c echo.Context, v *visit) error {
	return s.renderForgotten(c, http.StatusOK, v, templates.ForgottenForm{})
}

// forgotten sends a link, and answers the same whether there is such an account or not.
func (s *Server) forgotten(c echo.Context, v *visit) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	form := templates.ForgottenForm{Email: f.Get("email")}
	err = s.Service.MailResetLink(c.Request().Context(), v.asStranger(), form.Email, s.link(c, resetPath))
	if err == nil {
		return s.render(c, http.StatusOK, templates.MessagePage(s.strangerFrame(v, "Look into your mail"), "Look into your mail", fmt.Sprintf(
			"If %s has an account here, a link to set its password is on its way. It works once, for a day.", form.Email), signInPath, "Sign in"))
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

// mailInvitations sends the links of invitations to whom they are for.
func (s *Server) mailInvitations(v *visit, all []workspace.Invited, role workspace.Role, link func(token string) string) {
	for _, i := range all {
		if i.Failed == "" {
			s.Service.MailInvitation(v.Workspace, v.Member, i, role, link(i.Token))
		}
	}
}
