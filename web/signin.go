package web

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/keylodge/keylodge/internal/httpguard"
	"github.com/keylodge/keylodge/internal/paths"
	"github.com/keylodge/keylodge/internal/workspace"
	"github.com/keylodge/keylodge/templates"
)

func (s *Server) showSignIn(p *pageContext) error {
	next := safeNext(p.QueryParam("next"), paths.Keys)
	if p.SignedIn() {
		return p.Redirect(http.StatusSeeOther, next)
	}
	return s.renderSignIn(p, http.StatusOK, templates.SignInForm{Next: next, Notice: p.notice()})
}

func (s *Server) signIn(p *pageContext) error {
	f, err := readForm(p)
	if err != nil {
		return err
	}
	form := templates.SignInForm{Email: f.Get("email"), Next: safeNext(f.Get("next"), paths.Keys)}
	in, err := s.service.SignIn(p.ctx(), s.signInRequest(p),
		workspace.Credentials{Email: form.Email, Password: f.Get("password")})
	failed, ok := errors.AsType[*workspace.Error](err)
	switch {
	case err == nil:
		return s.signedIn(p, in, form.Next)
	case ok && failed.Kind == workspace.Unauthenticated:
		form.Failed = failed.Message
		return s.renderSignIn(p, http.StatusUnprocessableEntity, form)
	case ok && failed.Kind == workspace.Throttled:
		p.Set(failureKey, err)
		form.Failed = fmt.Sprintf("%s Try again in %s.", failed.Message, inWords(failed.RetryAfter))
		httpguard.SetRetryAfter(p.Response().Header(), failed.RetryAfter)
		return s.renderSignIn(p, http.StatusTooManyRequests, form)
	}
	return err
}

func (s *Server) renderSignIn(p *pageContext, status int, form templates.SignInForm) (err error) {
	if form.Providers, err = s.service.Providers(p.ctx(), p.Workspace.ID); err != nil {
		return err
	}
	return s.render(p, status, templates.SignInPage(s.strangerLayout(p, "Sign in"), form))
}

// inWords returns a wait in words, rounded up to seconds or minutes.
func inWords(wait time.Duration) string {
	n, unit := httpguard.WholeSeconds(wait), "second"
	if n > 90 {
		n, unit = (n+59)/60, "minute"
	}
	if n != 1 {
		unit += "s"
	}
	return fmt.Sprintf("%d %s", n, unit)
}

// signOut ends the session and has the browser delete what it stores of this
// host. Cookies stay: Clear-Site-Data would delete those of other workspaces
// and of the known device too.
func (s *Server) signOut(p *pageContext) error {
	if _, err := io.Copy(io.Discard, p.Request().Body); err != nil {
		return httpguard.BodyError(err)
	}
	if p.SignedIn() {
		session, err := s.sessions.Get(p.Request(), sessionName)
		if err != nil {
			return err
		}
		if err := s.service.SignOut(p.ctx(), p.Actor, session.ID); err != nil {
			return err
		}
		session.Options.MaxAge = -1
		if err := s.sessions.Save(p.Request(), p.Response(), session); err != nil {
			return err
		}
	}
	p.Response().Header().Set("Clear-Site-Data", `"cache", "storage"`)
	return p.Redirect(http.StatusSeeOther, withNotice(paths.SignIn, "signed-out"))
}

// signInRequest returns a sign-in by a visitor, with the known device.
func (s *Server) signInRequest(p *pageContext) workspace.SignInRequest {
	return workspace.SignInRequest{Actor: p.Stranger, DeviceToken: s.cookie(p, deviceCookie)}
}

// stepUpRequest is signInRequest for a step-up by the user who is signed in.
func (s *Server) stepUpRequest(p *pageContext) workspace.SignInRequest {
	return workspace.SignInRequest{Actor: p.Actor, Member: p.Member, DeviceToken: s.cookie(p, deviceCookie)}
}
