package web

import (
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/keylodge/keylodge/templates"
	"github.com/keylodge/keylodge/workspace"
)

// showTOTP offers a new secret for an authenticator.
func (s *Server) showTOTP(c echo.Context, v *visit) error {
	return s.renderTOTP(c, http.StatusOK, v, workspace.NewTOTPSecret(), nil)
}

// addTOTP turns the second factor on, and shows the recovery codes.
func (s *Server) addTOTP(c echo.Context, v *visit) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	codes, err := s.Service.AddTOTP(c.Request().Context(), v.Actor, f.Get("secret"), f.Get("code"))
	if failed, ok := errors.AsType[*workspace.Error](err); ok && failed.Kind == workspace.Invalid {
		secret := f.Get("secret")
		if failed.Fields["secret"] != "" {
			secret = workspace.NewTOTPSecret()
		}
		return s.renderTOTP(c, http.StatusUnprocessableEntity, v, secret, failed.Fields)
	}
	if err != nil {
		return err
	}
	return s.renderCodes(c, v, codes)
}

// removeTOTP leaves the person with their password alone.
func (s *Server) removeTOTP(c echo.Context, v *visit) error {
	if _, err := readForm(c); err != nil {
		return err
	}
	if err := s.Service.RemoveTOTP(c.Request().Context(), v.Actor); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, securityPath+"?removed=1")
}

// newRecoveryCodes shows other codes in place of those there were.
func (s *Server) newRecoveryCodes(c echo.Context, v *visit) error {
	if _, err := readForm(c); err != nil {
		return err
	}
	codes, err := s.Service.NewRecoveryCodes(c.Request().Context(), v.Actor)
	if err != nil {
		return err
	}
	return s.renderCodes(c, v, codes)
}

func (s *Server) renderTOTP(c echo.Context, status int, v *visit, secret string, wrong workspace.Fields) error {
	if !s.Service.JustProven(v.Actor) {
		return c.Redirect(http.StatusSeeOther, confirmAddress(totpPath))
	}
	s.setCookie(c, shownCookie, workspace.NewToken(), 0)
	return s.renderSecret(c, status, templates.TOTPPage(templates.TOTPView{
		Frame: s.frame(v, "Authenticator app"), Secret: secret, Address: workspace.TOTPAddress(v.Workspace, v.Member, secret), Errors: wrong,
	}))
}

func (s *Server) renderCodes(c echo.Context, v *visit, codes []string) error {
	s.setCookie(c, shownCookie, workspace.NewToken(), 0)
	return s.renderSecret(c, http.StatusOK, templates.CodesPage(templates.CodesView{Frame: s.frame(v, "Recovery codes"), Codes: codes}))
}

// finishSignIn takes the code of who has entered their password.
func (s *Server) finishSignIn(c echo.Context, v *visit) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	form := templates.CodeForm{Token: f.Get("token"), Next: safeNext(f.Get("next"), keysPath)}
	actor := v.Actor
	actor.Kind, actor.UserID = workspace.ByStranger, ""
	in, err := s.Service.FinishSignIn(c.Request().Context(), actor, form.Token, f.Get("code"), s.cookie(c, deviceCookie))
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
	f := s.frame(v, "Enter your code")
	f.Viewer = workspace.Member{}
	return s.renderSecret(c, status, templates.CodePage(f, form))
}
