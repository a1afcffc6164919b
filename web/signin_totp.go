package web

import (
	"context"
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/keylodge/keylodge/internal/paths"
	"github.com/keylodge/keylodge/internal/workspace"
	"github.com/keylodge/keylodge/templates"
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
	codes, err := s.Service.AddTOTP(c.Request().Context(), v.Actor, v.Session, f.Get("secret"), f.Get("code"))
	if wrong := wrongFields(err); wrong != nil {
		secret := f.Get("secret")
		if wrong["secret"] != "" {
			secret = workspace.NewTOTPSecret()
		}
		return s.renderTOTP(c, http.StatusUnprocessableEntity, v, secret, wrong)
	}
	if err != nil {
		return err
	}
	return s.renderCodes(c, v, codes)
}

// removeTOTP leaves the person with their password alone.
func (s *Server) removeTOTP(c echo.Context, v *visit) error {
	return doThen(c, paths.Security+"?removed=1", func(ctx context.Context) error {
		return s.Service.RemoveTOTP(ctx, v.Actor)
	})
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
	if err := s.Service.OwnProof(c.Request().Context(), v.Actor); err != nil {
		return err
	}
	return s.renderShownOnce(c, status, templates.TOTPPage(templates.TOTPView{
		Frame: s.frame(v, "Authenticator app"), Secret: secret, Address: workspace.TOTPAddress(v.Workspace, v.Member, secret), Errors: wrong,
	}))
}

func (s *Server) renderCodes(c echo.Context, v *visit, codes []string) error {
	return s.renderShownOnce(c, http.StatusOK, templates.CodesPage(templates.CodesView{Frame: s.frame(v, "Recovery codes"), Codes: codes}))
}
