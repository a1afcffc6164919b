package web

import (
	"errors"
	"net/http"
	"net/url"

	"github.com/labstack/echo/v4"

	"github.com/keylodge/keylodge/internal/paths"
	"github.com/keylodge/keylodge/internal/workspace"
	"github.com/keylodge/keylodge/templates"
)

// askToStepUp redirects to the step-up, and from there back to the page that
// the request came from.
func (s *Server) askToStepUp(c echo.Context, wanted error) error {
	back := c.Request().URL
	if c.Request().Method != http.MethodGet {
		back, _ = url.Parse(c.Request().Referer())
	}
	if back == nil {
		back = &url.URL{Path: paths.Keys}
	}
	with := ""
	if errors.Is(wanted, workspace.ErrFactorWanted) {
		with = templates.WithFactor
	}
	return s.stepUpThen(c, back.RequestURI(), with)
}

// stepUpThen redirects to the step-up, with a second factor or any method, and
// from there to next.
func (s *Server) stepUpThen(c echo.Context, next, with string) error {
	query := url.Values{"next": {safeNext(next, paths.Keys)}}
	if with != "" {
		query.Set("with", with)
	}
	to := paths.StepUp + "?" + query.Encode()
	if isHTMX(c) {
		c.Response().Header().Set("HX-Redirect", to)
		return c.NoContent(http.StatusForbidden)
	}
	return c.Redirect(http.StatusSeeOther, to)
}

func (s *Server) showStepUp(p *pageContext) error {
	return s.renderStepUp(p, http.StatusOK,
		templates.StepUpForm{Next: safeNext(p.QueryParam("next"), paths.Keys), With: p.QueryParam("with")})
}

// stepUp verifies the password or a code, and starts a new session.
func (s *Server) stepUp(p *pageContext) error {
	f, err := readForm(p)
	if err != nil {
		return err
	}
	form := templates.StepUpForm{Next: safeNext(f.Get("next"), paths.Keys), With: f.Get("with")}
	prove, value, field := s.stepUpByPassword, f.Get("password"), "password"
	if code := f.Get("code"); code != "" || form.With == templates.WithFactor {
		prove, value, field = s.stepUpByCode, code, "code"
	}
	status, wrong, err := prove(p, value, field)
	if err != nil {
		return err
	}
	if wrong != nil {
		form.Errors = wrong
		return s.renderStepUp(p, status, form)
	}
	return p.Redirect(http.StatusSeeOther, form.Next)
}

// stepUpByPassword verifies the password of the user and starts a new session.
// When the password is wrong it returns the error of the field, and the status.
func (s *Server) stepUpByPassword(p *pageContext, password, field string) (
	status int, wrong workspace.Fields, err error) {
	if password == "" {
		return http.StatusUnprocessableEntity, workspace.Fields{field: "Enter your password."}, nil
	}
	in, err := s.service.StepUpByPassword(p.ctx(), s.stepUpRequest(p), password)
	if err == nil {
		p.Actor.ProvenAt = s.service.Now()
		return 0, nil, s.beginSession(p, in)
	}
	if status, wrong = s.wrongProof(p, err, field, "This is not your password."); wrong != nil {
		err = nil
	}
	return status, wrong, err
}

// stepUpByCode is stepUpByPassword with a code of an authenticator app.
func (s *Server) stepUpByCode(p *pageContext, code, field string) (status int, wrong workspace.Fields, err error) {
	in, err := s.service.StepUpByCode(p.ctx(), s.stepUpRequest(p), code)
	if err == nil {
		return 0, nil, s.beginSession(p, in)
	}
	if status, wrong = s.wrongProof(p, err, field,
		"This code is wrong, or has been used. Enter the next one."); wrong != nil {
		err = nil
	}
	return status, wrong, err
}

func (s *Server) renderStepUp(p *pageContext, status int, form templates.StepUpForm) (err error) {
	if form.Methods, err = s.service.SignInMethods(p.ctx(), p.Actor); err != nil {
		return err
	}
	form.Untold = form.Untold || p.Session.Proof == workspace.MethodProvider && p.Session.ProvenAt.IsZero()
	form.MaySetUp = s.service.RequireOwnProof(p.ctx(), p.Actor) == nil
	form.LacksRequiredMethod = p.LacksRequiredMethod() && form.Methods.Meets(p.Workspace.SignIn.Require)
	if form.LacksRequiredMethod {
		form.With = templates.WithFactor
	}
	if !form.Methods.Own() && !form.FactorOnly() {
		if form.Providers, err = s.linkedProviders(p, form.Methods); err != nil {
			return err
		}
	}
	return s.render(p, status, templates.StepUpPage(s.layout(p, "Confirm that it is you"), form))
}
