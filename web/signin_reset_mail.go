package web

import (
	"net/http"

	"github.com/keylodge/keylodge/internal/paths"
	"github.com/keylodge/keylodge/templates"
)

// showForgottenPassword asks for the email address of a user who forgot their
// password.
func (s *Server) showForgottenPassword(p *pageContext) error {
	return s.renderForgottenPassword(p, http.StatusOK, templates.ForgottenPasswordForm{})
}

// sendResetLink emails a link that sets a password. The response is the same
// whether the account exists or not.
func (s *Server) sendResetLink(p *pageContext) error {
	f, err := readForm(p)
	if err != nil {
		return err
	}
	form := templates.ForgottenPasswordForm{Email: f.Get("email")}
	err = s.service.MailResetLink(p.ctx(), p.Stranger, form.Email)
	if err == nil {
		return s.render(p, http.StatusOK, templates.MessagePage(templates.MessageView{
			Layout:  s.strangerLayout(p, "Look into your mail"),
			Heading: "Look into your mail",
			Message: "If " + form.Email + " has an account here, a link to set its password is on its way. It works " +
				"once, for a day.",
			LinkURL:  paths.SignIn,
			LinkText: "Sign in",
		}))
	}
	status, wrong := s.wrongProof(p, err, "email", "")
	if wrong == nil {
		return err
	}
	form.Errors = wrong
	forgetKeys(&form.Email)
	return s.renderForgottenPassword(p, status, form)
}

func (s *Server) renderForgottenPassword(p *pageContext, status int, form templates.ForgottenPasswordForm) error {
	form.SendsMail = s.service.SendsMail()
	return s.render(p, status, templates.ForgottenPasswordPage(s.strangerLayout(p, "Forgotten password"), form))
}
