package web

import (
	"encoding/json"
	"errors"
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"github.com/keylodge/keylodge/internal/oidc"
	"github.com/keylodge/keylodge/internal/paths"
	"github.com/keylodge/keylodge/internal/workspace"
	"github.com/keylodge/keylodge/templates"
)

// providerCookie binds a sign-in with an identity provider to the browser that
// began it.
const providerCookie = "sign-on"

// providerRoundTrip is the state that is kept while the browser is at the
// provider.
type providerRoundTrip struct {
	Provider string // its id
	For      string // "sign-in", "link" or "confirm"
	Next     string
	Pending  oidc.Pending
}

// callback is the URL that providers send browsers back to.
func (s *Server) callback(c echo.Context) string {
	return s.hosts.Origin(s.hosts.Slug(c.Request().Host)) + paths.Callback
}

// signInWithProvider begins a sign-in with a provider.
func (s *Server) signInWithProvider(p *pageContext) error {
	return s.sendToProvider(p, "sign-in")
}

// linkProvider begins to link a provider to the user's account.
func (s *Server) linkProvider(p *pageContext) error { return s.sendToProvider(p, "link") }

// stepUpWithProvider begins a step-up with a provider.
func (s *Server) stepUpWithProvider(p *pageContext) error {
	return s.sendToProvider(p, "confirm")
}

// sendToProvider answers with a page that redirects by itself, because the
// response to a form may not redirect to another site (form-action).
func (s *Server) sendToProvider(p *pageContext, purpose string) error {
	f, err := readForm(p)
	if err != nil {
		return err
	}
	if err := s.limitCeremonies(p); err != nil {
		return err
	}
	ctx := p.ctx()
	provider, err := s.service.Provider(ctx, p.Workspace.ID, p.Param("id"))
	if err != nil {
		return err
	}
	to, pending, err := s.providers.Begin(ctx, clientOf(provider),
		oidc.Ask{RedirectURL: s.callback(p), Fresh: purpose == "confirm"})
	if err != nil {
		return err
	}
	memory, err := json.Marshal(providerRoundTrip{
		Provider: provider.ID, For: purpose, Next: safeNext(f.Get("next"), paths.Keys), Pending: pending,
	})
	if err != nil {
		return err
	}
	userID := "" // of a sign-in: any user with the cookie
	if purpose != "sign-in" {
		userID = p.Member.UserID
	}
	token, err := s.service.BeginCeremony(ctx, workspace.PurposeProvider, userID, string(memory))
	if err != nil {
		return err
	}
	s.setCookie(p, providerCookie, token, 0)
	return s.renderSecret(p, http.StatusOK, templates.ProviderRedirectPage(s.strangerLayout(p,
		"Sign in with "+provider.Name), provider.Name, to))
}

func clientOf(p workspace.Provider) oidc.Provider {
	client := oidc.Provider{Issuer: p.Issuer, ClientID: p.ClientID, ClientSecret: p.ClientSecret, Scopes: p.Scopes}
	if p.RoleClaim != "" {
		client.Claims = []string{p.RoleClaim}
	}
	return client
}

// limitCeremonies returns an error when a client IP begins too many sign-ins
// whose state is kept until they are finished.
func (s *Server) limitCeremonies(c echo.Context) error {
	if q := s.ceremonies.Add(s.clientIP(c.Request()), s.service.Now()); q.RetryAfter > 0 {
		return &workspace.Error{Kind: workspace.Throttled, Message: "Too many tries.", RetryAfter: q.RetryAfter}
	}
	return nil
}

// finishProviderRoundTrip answers a browser that a provider has sent back. The
// cookie proves that it is the browser that was sent there, so a link to this
// path signs nobody in.
func (s *Server) finishProviderRoundTrip(p *pageContext) error {
	token := s.cookie(p, providerCookie)
	s.setCookie(p, providerCookie, "", -1)
	memory, err := s.service.EndCeremony(p.ctx(), workspace.PurposeProvider, token, "", p.Member.UserID)
	if err != nil {
		return err
	}
	var begun providerRoundTrip
	if err := json.Unmarshal([]byte(memory), &begun); err != nil {
		return err
	}
	answer, err := s.providerAnswer(p, begun)
	if err != nil {
		return err
	}
	var in workspace.SignedInSession
	switch begun.For {
	case "link":
		if err := s.service.LinkIdentity(p.ctx(), p.Actor, answer); err != nil {
			return err
		}
		return p.Redirect(http.StatusSeeOther, withNotice(paths.Security, "provider-linked"))
	case "confirm":
		in, err = s.service.StepUpByProvider(p.ctx(), s.stepUpRequest(p), answer)
	default:
		in, err = s.service.SignInByProvider(p.ctx(), s.signInRequest(p), answer)
	}
	if errors.Is(err, workspace.ErrProofUntold) {
		return s.renderStepUp(p, http.StatusForbidden, templates.StepUpForm{Next: begun.Next, Untold: true})
	}
	if err != nil {
		return err
	}
	return s.signedIn(p, in, begun.Next)
}

// providerAnswer returns the user that a provider vouches for. It records a
// refusal of the provider in the audit log.
func (s *Server) providerAnswer(p *pageContext, begun providerRoundTrip) (workspace.ProviderAnswer, error) {
	none := workspace.ProviderAnswer{}
	provider, err := s.service.Provider(p.ctx(), p.Workspace.ID, begun.Provider)
	if err != nil {
		return none, err
	}
	user, err := s.providers.Finish(p.ctx(), clientOf(provider), s.callback(p), begun.Pending, p.QueryParams())
	if refusal, ok := errors.AsType[oidc.Refusal](err); ok {
		if failed := s.service.NoteProviderRefusal(p.ctx(), p.Actor, provider, refusal.Code); failed != nil {
			return none, failed
		}
	}
	if err != nil {
		return none, err
	}
	return workspace.ProviderAnswer{
		Provider: provider, Subject: user.Subject, Email: user.Email, EmailVerified: user.EmailVerified,
		Name: user.Name, Claims: user.Claims, AuthTime: user.AuthTime,
	}, nil
}

// unlinkProvider unlinks a provider from the user's account.
func (s *Server) unlinkProvider(p *pageContext) error {
	if _, err := readForm(p); err != nil {
		return err
	}
	provider, err := s.service.Provider(p.ctx(), p.Workspace.ID, p.Param("id"))
	if err != nil {
		return err
	}
	if err := s.service.UnlinkIdentities(p.ctx(), p.Actor, provider.Issuer); err != nil {
		return err
	}
	return p.Redirect(http.StatusSeeOther, withNotice(paths.Security, "provider-unlinked"))
}

// linkedProviders returns the providers of the workspace that are linked to the
// user's account.
func (s *Server) linkedProviders(p *pageContext, methods workspace.SignInMethods) ([]workspace.Provider, error) {
	all, err := s.service.Providers(p.ctx(), p.Workspace.ID)
	return slices.DeleteFunc(all, func(provider workspace.Provider) bool {
		return !slices.ContainsFunc(methods.Identities,
			func(i workspace.Identity) bool { return i.Issuer == provider.Issuer })
	}), err
}
