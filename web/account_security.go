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

func (s *Server) toSecurity(c echo.Context, _ *visit) error {
	return c.Redirect(http.StatusSeeOther, paths.Security)
}

// showSecurity shows how the person signs in.
func (s *Server) showSecurity(c echo.Context, v *visit) error {
	view := templates.SecurityView{}
	if c.QueryParam("removed") != "" {
		view.Notice = "The authenticator app is removed. Your password alone signs you in."
	}
	if c.QueryParam("changed") != "" {
		view.Notice = "Your password is changed. You are signed out everywhere else."
	}
	switch c.QueryParam("linked") {
	case "":
	case "none":
		view.Notice = "The provider is unlinked. It no longer signs you in."
	default:
		view.Notice = "The provider is linked. It signs you in from now on."
	}
	switch c.QueryParam("email") {
	case "asked":
		view.Notice = "A link is on its way to the new address. It becomes yours when you open it."
	case "changed":
		view.Notice = "Your address is changed. Sign in with it from now on."
	case "changed-alone":
		view.Notice = "Your address is changed, and your other sign-in methods were removed. Add them again here."
	}
	switch c.QueryParam("passkey") {
	case "added":
		view.Notice = "The passkey is added. It signs you in by itself."
	case "removed":
		view.Notice = "The passkey is removed. It no longer signs you in."
	}
	return s.renderSecurity(c, http.StatusOK, v, view)
}

func (s *Server) renderSecurity(c echo.Context, status int, v *visit, view templates.SecurityView) (err error) {
	view.Frame = s.frame(v, "Security")
	view.SendsMail = s.Service.SendsMail()
	view.Held, view.TakesPasskeys = v.Held(), s.takesPasskeys()
	if view.Providers, err = s.Service.Providers(c.Request().Context(), v.Workspace.ID); err != nil {
		return err
	}
	if view.Ways, err = s.Service.WaysIn(c.Request().Context(), v.Actor); err != nil {
		return err
	}
	return s.render(c, status, templates.SecurityPage(view))
}

// changePassword sets a new password and goes on in a new session.
func (s *Server) changePassword(c echo.Context, v *visit) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	in, err := s.Service.ChangePassword(c.Request().Context(), v.Actor, f.Get("current_password"), f.Get("password"), s.cookie(c, deviceCookie))
	if err == nil {
		if err := s.beginSession(c, in); err != nil {
			return err
		}
		return c.Redirect(http.StatusSeeOther, paths.Security+"?changed=1")
	}
	status, fields := s.wrongProof(c, err, "current_password", "")
	if fields == nil {
		return err
	}
	return s.renderSecurity(c, status, v, templates.SecurityView{Errors: fields})
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
