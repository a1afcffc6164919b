package web

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/keylodge/keylodge/internal/paths"
	"github.com/keylodge/keylodge/internal/workspace"
	"github.com/keylodge/keylodge/templates"
)

func (s *Server) showSignIn(c echo.Context, v *visit) error {
	next := safeNext(c.QueryParam("next"), paths.Keys)
	if v.SignedIn() {
		return c.Redirect(http.StatusSeeOther, next)
	}
	form := templates.SignInForm{Next: next}
	if c.QueryParam("signed-out") != "" {
		form.Notice = "You are signed out."
	}
	if c.QueryParam("moved") != "" {
		form.Notice = v.Workspace.Name + " is at this address from now on. Sign in here."
	}
	if c.QueryParam("password-set") != "" {
		form.Notice = "Your password is set. Sign in with it."
	}
	if c.QueryParam("password-set") == "alone" {
		form.Notice = "Your password is set, and your other sign-in methods were removed. Sign in, then add them again."
	}
	return s.renderSignIn(c, http.StatusOK, v, form)
}

func (s *Server) signIn(c echo.Context, v *visit) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	form := templates.SignInForm{Email: f.Get("email"), Next: safeNext(f.Get("next"), paths.Keys)}
	in, err := s.Service.SignIn(c.Request().Context(), v.asStranger(), form.Email, f.Get("password"), s.cookie(c, deviceCookie))
	failed, ok := errors.AsType[*workspace.Error](err)
	switch {
	case err == nil:
		return s.signedIn(c, v, in, form.Next)
	case ok && failed.Kind == workspace.Unauthenticated:
		form.Failed = failed.Message
		return s.renderSignIn(c, http.StatusUnprocessableEntity, v, form)
	case ok && failed.Kind == workspace.Throttled:
		c.Set(failureKey, err)
		form.Failed = fmt.Sprintf("%s Try again in %s.", failed.Message, inWords(failed.RetryAfter))
		setRetryAfter(c.Response().Header(), failed.RetryAfter)
		return s.renderSignIn(c, http.StatusTooManyRequests, v, form)
	}
	return err
}

func (s *Server) renderSignIn(c echo.Context, status int, v *visit, form templates.SignInForm) (err error) {
	if form.Providers, err = s.Service.Providers(c.Request().Context(), v.Workspace.ID); err != nil {
		return err
	}
	return s.render(c, status, templates.SignInPage(s.strangerFrame(v, "Sign in"), form))
}

// inWords rounds a wait up to whole seconds or minutes.
func inWords(wait time.Duration) string {
	n, unit := wholeSeconds(wait), "second"
	if n > 90 {
		n, unit = (n+59)/60, "minute"
	}
	if n != 1 {
		unit += "s"
	}
	return fmt.Sprintf("%d %s", n, unit)
}

// signOut ends the session and has the browser forget the pages and data that
// it holds of this host. Not all its cookies: that would take those of the
// other workspaces' hosts and of the known device too.
func (s *Server) signOut(c echo.Context, v *visit) error {
	if _, err := io.Copy(io.Discard, c.Request().Body); err != nil {
		return bodyError(err)
	}
	if v.SignedIn() {
		session, err := s.sessions.Get(c.Request(), sessionName)
		if err != nil {
			return err
		}
		if err := s.Service.SignOut(c.Request().Context(), v.Actor, session.ID); err != nil {
			return err
		}
		session.Options.MaxAge = -1
		if err := s.sessions.Save(c.Request(), c.Response(), session); err != nil {
			return err
		}
	}
	c.Response().Header().Set("Clear-Site-Data", `"cache", "storage"`)
	return c.Redirect(http.StatusSeeOther, paths.SignIn+"?signed-out=1")
}
