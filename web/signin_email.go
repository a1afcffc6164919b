package web

import (
	"net/http"

	"github.com/keylodge/keylodge/internal/paths"
	"github.com/keylodge/keylodge/templates"
)

// askToChangeEmail sends a link that confirms the new email address, and one
// that cancels the change to the present address.
func (s *Server) askToChangeEmail(p *pageContext) error {
	f, err := readForm(p)
	if err != nil {
		return err
	}
	email := f.Get("email")
	if err = s.service.AskToChangeEmail(p.ctx(), p.Actor, email); err == nil {
		return p.Redirect(http.StatusSeeOther, withNotice(paths.Security, "email-asked"))
	}
	status, wrong := s.wrongProof(p, err, "email", "")
	if wrong == nil {
		return err
	}
	forgetKeys(&email)
	return s.renderSecurity(p, status, templates.SecurityView{NewEmail: email, Errors: wrong})
}

// showConfirmEmail is the page of the link to a new email address. Only the
// user who asked for the change can open it.
func (s *Server) showConfirmEmail(p *pageContext) error {
	token := p.QueryParam("token")
	link, err := s.service.EmailChangeLink(p.ctx(), p.Actor, token)
	if err != nil {
		return err
	}
	return s.render(p, http.StatusOK, templates.ConfirmEmailPage(s.layout(p, "Confirm your address"), token, link))
}

// confirmEmail makes the new email address the one that the user signs in with.
func (s *Server) confirmEmail(p *pageContext) error {
	f, err := readForm(p)
	if err != nil {
		return err
	}
	ctx, token := p.ctx(), f.Get("token")
	link, err := s.service.EmailChangeLink(ctx, p.Actor, token)
	if err != nil {
		return err
	}
	if err := s.service.ChangeEmail(ctx, p.Actor, p.Session, token); err != nil {
		return err
	}
	done := "email-changed"
	if link.RemovesMethods {
		done = "email-changed-alone"
	}
	return p.Redirect(http.StatusSeeOther, withNotice(paths.Security, done))
}

// showCancelEmail is the page of the link that cancels a change. Opening it
// changes nothing, because mail scanners open links.
func (s *Server) showCancelEmail(p *pageContext) error {
	token := p.QueryParam("token")
	email, err := s.service.EmailChangeToCancel(p.ctx(), token)
	if err != nil {
		return err
	}
	return s.render(p, http.StatusOK, templates.CancelEmailPage(s.strangerLayout(p, "Cancel the change of address"),
		token, email))
}

// cancelEmail cancels a change of email address. It needs no session: an
// attacker who asked for the change may also have changed the password.
func (s *Server) cancelEmail(p *pageContext) error {
	f, err := readForm(p)
	if err != nil {
		return err
	}
	if err := s.service.CancelEmailChange(p.ctx(), p.Stranger, f.Get("token")); err != nil {
		return err
	}
	return s.render(p, http.StatusOK, templates.MessagePage(templates.MessageView{
		Layout:  s.strangerLayout(p, "The change is canceled"),
		Heading: "The change is canceled",
		Message: "Your address stays as it is. If you didn’t ask for the change, set a new password: another person " +
			"knows yours.",
		LinkURL:  paths.ForgottenPassword,
		LinkText: "Set a new password",
	}))
}
