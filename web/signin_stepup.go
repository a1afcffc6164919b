package web

import (
	"errors"
	"net/http"
	"net/url"
	"slices"

	"github.com/labstack/echo/v4"

	"github.com/keylodge/keylodge/internal/paths"
	"github.com/keylodge/keylodge/internal/workspace"
	"github.com/keylodge/keylodge/templates"
)

// askToConfirm sends a person who signed in a while ago, or without the second
// factor that is wanted, to prove once more who they are, and back to the page
// that they came from.
func (s *Server) askToConfirm(c echo.Context, wanted error) error {
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
	return s.confirmThen(c, back.RequestURI(), with)
}

// confirmThen sends a person to prove once more who they are, with a factor or
// any method, and then to a page.
func (s *Server) confirmThen(c echo.Context, next, with string) error {
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

func (s *Server) showConfirm(c echo.Context, v *visit) error {
	return s.renderConfirm(c, http.StatusOK, v,
		templates.ConfirmForm{Next: safeNext(c.QueryParam("next"), paths.Keys), With: c.QueryParam("with")})
}

// confirm takes the password once more, and goes on in a new session.
func (s *Server) confirm(c echo.Context, v *visit) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	form := templates.ConfirmForm{Next: safeNext(f.Get("next"), paths.Keys), With: f.Get("with")}
	prove, proof, field := s.prove, f.Get("password"), "password"
	if code := f.Get("code"); code != "" || form.With == templates.WithFactor {
		prove, proof, field = s.proveByCode, code, "code"
	}
	status, wrong, err := prove(c, v, proof, field)
	if err != nil {
		return err
	}
	if wrong != nil {
		form.Errors = wrong
		return s.renderConfirm(c, status, v, form)
	}
	return c.Redirect(http.StatusSeeOther, form.Next)
}

// prove takes the password of who is signed in once more, and goes on in a new
// session. Else it returns what the form says about the password's field, and
// its status.
func (s *Server) prove(c echo.Context, v *visit, password, field string) (status int, wrong workspace.Fields, err error) {
	if password == "" {
		return http.StatusUnprocessableEntity, workspace.Fields{field: "Enter your password."}, nil
	}
	in, err := s.Service.Prove(c.Request().Context(), v.Actor, v.Member, password, s.cookie(c, deviceCookie))
	if err == nil {
		v.Actor.ProvenAt = s.Service.Now()
		return 0, nil, s.beginSession(c, in)
	}
	if status, wrong = s.wrongProof(c, err, field, "This is not your password."); wrong != nil {
		err = nil
	}
	return status, wrong, err
}

// proveByCode is prove with a code of an authenticator app.
func (s *Server) proveByCode(c echo.Context, v *visit, code, field string) (status int, wrong workspace.Fields, err error) {
	in, err := s.Service.ProveByCode(c.Request().Context(), v.Actor, v.Member, code, s.cookie(c, deviceCookie))
	if err == nil {
		return 0, nil, s.beginSession(c, in)
	}
	if status, wrong = s.wrongProof(c, err, field, "This code is wrong, or has been used. Enter the next one."); wrong != nil {
		err = nil
	}
	return status, wrong, err
}

func (s *Server) renderConfirm(c echo.Context, status int, v *visit, form templates.ConfirmForm) (err error) {
	if form.Ways, err = s.Service.WaysIn(c.Request().Context(), v.Actor); err != nil {
		return err
	}
	form.Untold = form.Untold || v.Session.Proof == workspace.ByProvider && v.Session.ProvenAt.IsZero()
	form.MaySetUp = s.Service.OwnProof(c.Request().Context(), v.Actor) == nil
	if form.Held = v.Held() && form.Ways.Meets(v.Workspace.SignIn.Require); form.Held {
		form.With = templates.WithFactor
	}
	if !form.Ways.Own() && !form.FactorOnly() {
		if form.Providers, err = s.linkedProviders(c, v, form.Ways); err != nil {
			return err
		}
	}
	return s.render(c, status, templates.ConfirmPage(s.frame(v, "Confirm that it is you"), form))
}

// linkedProviders returns the workspace's providers that know who is signed in.
func (s *Server) linkedProviders(c echo.Context, v *visit, ways workspace.WaysIn) ([]workspace.Provider, error) {
	all, err := s.Service.Providers(c.Request().Context(), v.Workspace.ID)
	return slices.DeleteFunc(all, func(p workspace.Provider) bool {
		return !slices.ContainsFunc(ways.Identities, func(i workspace.Identity) bool { return i.Issuer == p.Issuer })
	}), err
}
