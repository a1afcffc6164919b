package web

import (
	"context"
	"net/http"

	"github.com/keylodge/keylodge/internal/paths"
	"github.com/keylodge/keylodge/internal/totp"
	"github.com/keylodge/keylodge/internal/workspace"
	"github.com/keylodge/keylodge/templates"
)

// showTOTP shows a new secret for an authenticator app.
func (s *Server) showTOTP(p *pageContext) error {
	return s.renderTOTP(p, http.StatusOK, totp.NewSecret(), nil)
}

// addTOTP adds an authenticator app and shows the recovery codes.
func (s *Server) addTOTP(p *pageContext) error {
	f, err := readForm(p)
	if err != nil {
		return err
	}
	codes, err := s.service.AddTOTP(p.ctx(), p.Actor, p.Session, f.Get("secret"), f.Get("code"))
	if wrong := wrongFields(err); wrong != nil {
		secret := f.Get("secret")
		if wrong["secret"] != "" {
			secret = totp.NewSecret()
		}
		return s.renderTOTP(p, http.StatusUnprocessableEntity, secret, wrong)
	}
	if err != nil {
		return err
	}
	return s.renderRecoveryCodes(p, codes)
}

// removeTOTP removes the authenticator app.
func (s *Server) removeTOTP(p *pageContext) error {
	return doThen(p, withNotice(paths.Security, "totp-removed"), func(ctx context.Context) error {
		return s.service.RemoveTOTP(ctx, p.Actor)
	})
}

// newRecoveryCodes replaces the recovery codes and shows the new ones.
func (s *Server) newRecoveryCodes(p *pageContext) error {
	if _, err := readForm(p); err != nil {
		return err
	}
	codes, err := s.service.NewRecoveryCodes(p.ctx(), p.Actor)
	if err != nil {
		return err
	}
	return s.renderRecoveryCodes(p, codes)
}

func (s *Server) renderTOTP(p *pageContext, status int, secret string, wrong workspace.Fields) error {
	if err := s.service.RequireOwnProof(p.ctx(), p.Actor); err != nil {
		return err
	}
	return s.renderShownOnce(p, status, templates.TOTPPage(templates.TOTPView{
		Layout: s.layout(p, "Authenticator app"), Secret: secret, URL: workspace.TOTPURL(p.Workspace, p.Member,
			secret), Errors: wrong,
	}))
}

func (s *Server) renderRecoveryCodes(p *pageContext, codes []string) error {
	return s.renderShownOnce(p, http.StatusOK, templates.RecoveryCodesPage(templates.RecoveryCodesView{
		Layout: s.layout(p, "Recovery codes"), Codes: codes,
	}))
}
