package web

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"

	"github.com/labstack/echo/v4"

	"github.com/keylodge/keylodge/internal/oidc"
	"github.com/keylodge/keylodge/internal/paths"
	"github.com/keylodge/keylodge/internal/workspace"
	"github.com/keylodge/keylodge/templates"
)

// signOnCookie binds a sign-in with an identity provider to the browser that
// began it.
const signOnCookie = "sign-on"

// signOn is what is kept of a sign-in while the browser is at the provider.
type signOn struct {
	Provider string // its id
	For      string // "sign-in", "link" or "confirm"
	Next     string
	Pending  oidc.Pending
}

// callback is where providers send browsers back to.
func (s *Server) callback(c echo.Context) string {
	return s.hosts.origin(s.hosts.slug(c.Request().Host)) + paths.Callback
}

// startSignOn sends who signs in to a provider.
func (s *Server) startSignOn(c echo.Context, v *visit) error {
	return s.sendToProvider(c, v, "sign-in")
}

// startLink sends who is signed in to a provider, to be known by it from then
// on.
func (s *Server) startLink(c echo.Context, v *visit) error { return s.sendToProvider(c, v, "link") }

// startConfirm sends who is signed in to a provider, to prove who they are once
// more.
func (s *Server) startConfirm(c echo.Context, v *visit) error {
	return s.sendToProvider(c, v, "confirm")
}

// sendToProvider answers with a page that goes on by itself: a form's answer
// may not lead to another site (form-action).
func (s *Server) sendToProvider(c echo.Context, v *visit, what string) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	if err := s.mayBegin(c); err != nil {
		return err
	}
	ctx := c.Request().Context()
	p, err := s.Service.Provider(ctx, v.Workspace.ID, c.Param("id"))
	if err != nil {
		return err
	}
	to, pending, err := s.providers.Begin(ctx, clientOf(p),
		oidc.Ask{RedirectURL: s.callback(c), Fresh: what == "confirm"})
	if err != nil {
		return err
	}
	memory, err := json.Marshal(signOn{Provider: p.ID, For: what, Next: safeNext(f.Get("next"), paths.Keys), Pending: pending})
	if err != nil {
		return err
	}
	userID := "" // anybody's, with the browser's cookie
	if what != "sign-in" {
		userID = v.Member.UserID
	}
	token, err := s.Service.BeginCeremony(ctx, workspace.PurposeProvider, userID, string(memory))
	if err != nil {
		return err
	}
	s.setCookie(c, signOnCookie, token, 0)
	return s.renderSecret(c, http.StatusOK, templates.GoOnPage(s.strangerFrame(v, "Sign in with "+p.Name), p.Name, to))
}

func clientOf(p workspace.Provider) oidc.Provider {
	client := oidc.Provider{Issuer: p.Issuer, ClientID: p.ClientID, ClientSecret: p.ClientSecret, Scopes: p.Scopes}
	if p.RoleClaim != "" {
		client.Claims = []string{p.RoleClaim}
	}
	return client
}

// mayBegin slows down who begins what is kept until it is finished.
func (s *Server) mayBegin(c echo.Context) error {
	if q := s.ceremonies.add(s.address.of(c.Request()), s.Service.Now()); q.RetryAfter > 0 {
		return &workspace.Error{Kind: workspace.Throttled, Message: "Too many tries.", RetryAfter: q.RetryAfter}
	}
	return nil
}

// backFromProvider takes what a browser brings from a provider. Nothing happens
// unless the same browser was sent there, which its cookie proves: a link to
// here signs nobody in.
func (s *Server) backFromProvider(c echo.Context, v *visit) error {
	token := s.cookie(c, signOnCookie)
	s.setCookie(c, signOnCookie, "", -1)
	ctx := c.Request().Context()
	memory, err := s.Service.EndCeremony(ctx, workspace.PurposeProvider, token, "", v.Member.UserID)
	if err != nil {
		return err
	}
	var begun signOn
	if err := json.Unmarshal([]byte(memory), &begun); err != nil {
		return err
	}
	p, err := s.Service.Provider(ctx, v.Workspace.ID, begun.Provider)
	if err != nil {
		return err
	}
	who, err := s.providers.Finish(ctx, clientOf(p), s.callback(c), begun.Pending, c.QueryParams())
	if refusal, ok := errors.AsType[oidc.Refusal](err); ok {
		if failed := s.Service.NoteProviderRefusal(ctx, v.Actor, p, refusal.Code); failed != nil {
			return failed
		}
	}
	if err != nil {
		return err
	}
	answer := workspace.ProviderAnswer{
		Provider: p, Subject: who.Subject, Email: who.Email, EmailVerified: who.EmailVerified, Name: who.Name, Claims: who.Claims, AuthTime: who.AuthTime,
	}
	var in workspace.SignedInSession
	switch begun.For {
	case "link":
		if err := s.Service.LinkIdentity(ctx, v.Actor, answer); err != nil {
			return err
		}
		return c.Redirect(http.StatusSeeOther, paths.Security+"?"+url.Values{"linked": {p.ID}}.Encode())
	case "confirm":
		in, err = s.Service.ProveByProvider(ctx, v.Actor, v.Member, answer, s.cookie(c, deviceCookie))
	default:
		in, err = s.Service.SignInByProvider(ctx, v.asStranger(), answer, s.cookie(c, deviceCookie))
	}
	if errors.Is(err, workspace.ErrProofUntold) {
		return s.renderConfirm(c, http.StatusForbidden, v, templates.ConfirmForm{Next: begun.Next, Untold: true})
	}
	if err != nil {
		return err
	}
	return s.signedIn(c, v, in, begun.Next)
}

// unlink lets a provider sign the person in no more.
func (s *Server) unlink(c echo.Context, v *visit) error {
	if _, err := readForm(c); err != nil {
		return err
	}
	p, err := s.Service.Provider(c.Request().Context(), v.Workspace.ID, c.Param("id"))
	if err != nil {
		return err
	}
	if err := s.Service.UnlinkIdentities(c.Request().Context(), v.Actor, p.Issuer); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, paths.Security+"?linked=none")
}
