package web

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/keylodge/keylodge/internal/httpguard"
	"github.com/keylodge/keylodge/internal/paths"
	"github.com/keylodge/keylodge/internal/workspace"
	"github.com/keylodge/keylodge/templates"
)

// changePassword sets a new password and starts a new session.
func (s *Server) changePassword(p *pageContext) error {
	f, err := readForm(p)
	if err != nil {
		return err
	}
	in, err := s.service.ChangePassword(p.ctx(), s.stepUpRequest(p),
		workspace.PasswordChange{Current: f.Get("current_password"), New: f.Get("password")})
	if err == nil {
		if err := s.beginSession(p, in); err != nil {
			return err
		}
		return p.Redirect(http.StatusSeeOther, withNotice(paths.Security, "password-changed"))
	}
	status, fields := s.wrongProof(p, err, "current_password", "")
	if fields == nil {
		return err
	}
	return s.renderSecurity(p, status, templates.SecurityView{Errors: fields})
}

// wrongProof returns the status and the errors for a form that asks for a
// password or a code, when that is wrong or throttled, and nil for other
// errors. field is the name of the field, and refused its message when the
// value is wrong.
func (s *Server) wrongProof(c echo.Context, err error, field, refused string) (status int, fields workspace.Fields) {
	failed, ok := errors.AsType[*workspace.Error](err)
	switch {
	case ok && failed.Kind == workspace.Invalid:
		return http.StatusUnprocessableEntity, failed.Fields
	case ok && failed.Kind == workspace.Unauthenticated:
		return http.StatusUnprocessableEntity, workspace.Fields{field: refused}
	case ok && failed.Kind == workspace.Throttled:
		c.Set(failureKey, err)
		httpguard.SetRetryAfter(c.Response().Header(), failed.RetryAfter)
		return http.StatusTooManyRequests, workspace.Fields{field: fmt.Sprintf("%s Try again in %s.", failed.Message,
			inWords(failed.RetryAfter))}
	}
	return 0, nil
}
