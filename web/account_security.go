package web

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/keylodge/keylodge/internal/paths"
	"github.com/keylodge/keylodge/internal/workspace"
	"github.com/keylodge/keylodge/templates"
)

func (s *Server) toSecurity(p *pageContext) error {
	return p.Redirect(http.StatusSeeOther, paths.Security)
}

// showSecurity shows how the person signs in.
func (s *Server) showSecurity(p *pageContext) error {
	view := templates.SecurityView{}
	if p.QueryParam("removed") != "" {
		view.Notice = "The authenticator app is removed. Your password alone signs you in."
	}
	if p.QueryParam("changed") != "" {
		view.Notice = "Your password is changed. You are signed out everywhere else."
	}
	switch p.QueryParam("linked") {
	case "":
	case "none":
		view.Notice = "The provider is unlinked. It no longer signs you in."
	default:
		view.Notice = "The provider is linked. It signs you in from now on."
	}
	switch p.QueryParam("email") {
	case "asked":
		view.Notice = "A link is on its way to the new address. It becomes yours when you open it."
	case "changed":
		view.Notice = "Your address is changed. Sign in with it from now on."
	case "changed-alone":
		view.Notice = "Your address is changed, and your other sign-in methods were removed. Add them again here."
	}
	switch p.QueryParam("passkey") {
	case "added":
		view.Notice = "The passkey is added. It signs you in by itself."
	case "removed":
		view.Notice = "The passkey is removed. It no longer signs you in."
	}
	return s.renderSecurity(p, http.StatusOK, view)
}

func (s *Server) renderSecurity(p *pageContext, status int, view templates.SecurityView) (err error) {
	view.Frame = s.frame(p, "Security")
	view.SendsMail = s.Service.SendsMail()
	view.Held, view.TakesPasskeys = p.Held(), s.takesPasskeys()
	if view.Providers, err = s.Service.Providers(p.ctx(), p.Workspace.ID); err != nil {
		return err
	}
	if view.Ways, err = s.Service.WaysIn(p.ctx(), p.Actor); err != nil {
		return err
	}
	return s.render(p, status, templates.SecurityPage(view))
}

// changePassword sets a new password and goes on in a new session.
func (s *Server) changePassword(p *pageContext) error {
	f, err := readForm(p)
	if err != nil {
		return err
	}
	in, err := s.Service.ChangePassword(p.ctx(), p.Actor, f.Get("current_password"), f.Get("password"), s.cookie(p, deviceCookie))
	if err == nil {
		if err := s.beginSession(p, in); err != nil {
			return err
		}
		return p.Redirect(http.StatusSeeOther, paths.Security+"?changed=1")
	}
	status, fields := s.wrongProof(p, err, "current_password", "")
	if fields == nil {
		return err
	}
	return s.renderSecurity(p, status, templates.SecurityView{Errors: fields})
}

// wrongProof returns what a form that asks for a password or a code, in a field
// of that name, says of a failure, and with which status; nil when it is none
// of the person's. refused is what it says when that is wrong.
func (s *Server) wrongProof(c echo.Context, err error, field, refused string) (status int, fields workspace.Fields) {
	failed, ok := errors.AsType[*workspace.Error](err)
	switch {
	case ok && failed.Kind == workspace.Invalid:
		return http.StatusUnprocessableEntity, failed.Fields
	case ok && failed.Kind == workspace.Unauthenticated:
		return http.StatusUnprocessableEntity, workspace.Fields{field: refused}
	case ok && failed.Kind == workspace.Throttled:
		c.Set(failureKey, err)
		setRetryAfter(c.Response().Header(), failed.RetryAfter)
		return http.StatusTooManyRequests, workspace.Fields{field: fmt.Sprintf("%s Try again in %s.", failed.Message, inWords(failed.RetryAfter))}
	}
	return 0, nil
}
