package web

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/keylodge/keylodge/internal/paths"
	"github.com/keylodge/keylodge/templates"
)

// askToChangeEmail sends a link to the person's new address, and one that
// cancels the change to the present one.
func (s *Server) askToChangeEmail(c echo.Context, v *visit) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	email := f.Get("email")
	if err = s.Service.AskToChangeEmail(c.Request().Context(), v.Actor, email); err == nil {
		return c.Redirect(http.StatusSeeOther, paths.Security+"?email=asked")
	}
	status, wrong := s.wrongProof(c, err, "email", "")
	if wrong == nil {
		return err
	}
	forgetKeys(&email)
	return s.renderSecurity(c, status, v, templates.SecurityView{NewEmail: email, Errors: wrong})
}

// showConfirmEmail is where the link of a new address leads. Only the person
// who asked for the change can follow it.
func (s *Server) showConfirmEmail(c echo.Context, v *visit) error {
	token := c.QueryParam("token")
	link, err := s.Service.EmailChangeLink(c.Request().Context(), v.Actor, token)
	if err != nil {
		return err
	}
	return s.render(c, http.StatusOK, templates.ConfirmEmailPage(s.frame(v, "Confirm your address"), token, link))
}

// confirmEmail makes the new address the one that the person signs in with.
func (s *Server) confirmEmail(c echo.Context, v *visit) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	ctx, token := c.Request().Context(), f.Get("token")
	link, err := s.Service.EmailChangeLink(ctx, v.Actor, token)
	if err != nil {
		return err
	}
	if err := s.Service.ChangeEmail(ctx, v.Actor, v.Session, token); err != nil {
		return err
	}
	done := "changed"
	if link.RemovesMethods {
		done = "changed-alone"
	}
	return c.Redirect(http.StatusSeeOther, paths.Security+"?email="+done)
}

// showCancelEmail is where the link leads that the present address gets. To
// open it changes nothing: mail scanners do.
func (s *Server) showCancelEmail(c echo.Context, v *visit) error {
	token := c.QueryParam("token")
	email, err := s.Service.EmailChangeToCancel(c.Request().Context(), token)
	if err != nil {
		return err
	}
	return s.render(c, http.StatusOK, templates.CancelEmailPage(s.strangerFrame(v, "Cancel the change of address"),
		token, email))
}

// cancelEmail keeps a new address from becoming the account's. It takes no
// session: whoever asked for the change may have changed the password.
func (s *Server) cancelEmail(c echo.Context, v *visit) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	if err := s.Service.CancelEmailChange(c.Request().Context(), v.asStranger(), f.Get("token")); err != nil {
		return err
	}
	return s.render(c, http.StatusOK, templates.MessagePage(s.strangerFrame(v, "The change is canceled"),
		"The change is canceled",
		"Your address stays as it is. If you didn’t ask for the change, set a new password: another person knows "+
			"yours.",
		paths.ForgottenPassword, "Set a new password"))
}
