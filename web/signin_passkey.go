package web

import (
	"context"
	"encoding/json"
	"net/http"
	"net/netip"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/keylodge/keylodge/internal/passkey"
	"github.com/keylodge/keylodge/internal/paths"
	"github.com/keylodge/keylodge/internal/workspace"
	"github.com/keylodge/keylodge/templates"
)

// site is what passkeys are bound to: the base host, so that one passkey works
// in every workspace of a user. The hosts below a name without a dot, such as
// localhost, cannot share it (HTML, "registrable domain suffix").
func (s *Server) site(p *pageContext) passkey.Site {
	slug, id := s.hosts.Slug(p.Request().Host), s.hosts.URL.Hostname()
	if slug != "" && !strings.Contains(id, ".") {
		id = slug + "." + id
	}
	return passkey.Site{ID: id, Origin: s.hosts.Origin(slug), Name: p.Workspace.Name}
}

// takesPasskeys reports whether the host can have passkeys: an IP cannot.
func (s *Server) takesPasskeys() bool {
	_, err := netip.ParseAddr(s.hosts.URL.Hostname())
	return err != nil
}

// beginCeremony stores the state of a passkey ceremony, and sends the browser
// its options. userID is empty in a sign-in.
func (s *Server) beginCeremony(p *pageContext, purpose workspace.Purpose, userID string, c passkey.Ceremony) error {
	token, err := s.service.BeginCeremony(p.ctx(), purpose, userID, c.Memory)
	if err != nil {
		return err
	}
	return p.JSON(http.StatusOK, map[string]any{"token": token, "options": json.RawMessage(c.Options)})
}

// passkeyOptions begins a sign-in or a step-up with any passkey that the
// browser has. The response reveals nothing about users.
func (s *Server) passkeyOptions(p *pageContext) error {
	if _, err := readForm(p); err != nil {
		return err
	}
	if err := s.limitCeremonies(p); err != nil {
		return err
	}
	ceremony, err := s.site(p).Ask()
	if err != nil {
		return err
	}
	return s.beginCeremony(p, workspace.PurposePasskey, "", ceremony)
}

// answeredPasskey returns the passkey that answered passkeyOptions.
func (s *Server) answeredPasskey(p *pageContext, token, response string) (workspace.Passkey, error) {
	ctx := p.ctx()
	memory, err := s.service.EndCeremony(ctx, workspace.PurposePasskey, token, "")
	if err != nil {
		return workspace.Passkey{}, err
	}
	return s.site(p).Answered(memory, response, func(credential []byte) (workspace.Passkey, error) {
		return s.service.PasskeyOf(ctx, credential)
	})
}

// refusedPasskey returns the message for a passkey that was not accepted, or ""
// for any other error and for none.
func refusedPasskey(c echo.Context, err error) string {
	switch workspace.KindOf(err) {
	case workspace.Invalid, workspace.Unauthenticated, workspace.Gone:
		c.Set(failureKey, err)
		return failureOf(err).message
	}
	return ""
}

// signInByPasskey signs in with a passkey.
func (s *Server) signInByPasskey(p *pageContext) error {
	f, err := readForm(p)
	if err != nil {
		return err
	}
	form := templates.SignInForm{Next: safeNext(f.Get("next"), paths.Keys)}
	var in workspace.SignedInSession
	credential, err := s.answeredPasskey(p, f.Get("token"), f.Get("response"))
	if err == nil {
		in, err = s.service.SignInByPasskey(p.ctx(), s.signInRequest(p), credential)
	}
	if form.Failed = refusedPasskey(p, err); form.Failed != "" {
		return s.renderSignIn(p, http.StatusUnprocessableEntity, form)
	}
	if err != nil {
		return err
	}
	return s.signedIn(p, in, form.Next)
}

// stepUpByPasskey steps up with a passkey.
func (s *Server) stepUpByPasskey(p *pageContext) error {
	f, err := readForm(p)
	if err != nil {
		return err
	}
	form := templates.StepUpForm{Next: safeNext(f.Get("next"), paths.Keys), With: f.Get("with")}
	var in workspace.SignedInSession
	credential, err := s.answeredPasskey(p, f.Get("token"), f.Get("response"))
	if err == nil {
		in, err = s.service.StepUpByPasskey(p.ctx(), s.stepUpRequest(p), credential)
	}
	if message := refusedPasskey(p, err); message != "" {
		form.Errors = workspace.Fields{"": message}
		return s.renderStepUp(p, http.StatusUnprocessableEntity, form)
	}
	if err != nil {
		return err
	}
	return s.signedIn(p, in, form.Next)
}

// newPasskeyOptions begins to add a passkey.
func (s *Server) newPasskeyOptions(p *pageContext) error {
	if _, err := readForm(p); err != nil {
		return err
	}
	if err := s.service.RequireOwnProof(p.ctx(), p.Actor); err != nil {
		return err
	}
	known, err := s.service.Passkeys(p.ctx(), p.Actor)
	if err != nil {
		return err
	}
	ceremony, err := s.site(p).Register(p.Member, known)
	if err != nil {
		return err
	}
	return s.beginCeremony(p, workspace.PurposeNewPasskey, p.Member.UserID, ceremony)
}

// addPasskey adds the passkey that the browser has created.
func (s *Server) addPasskey(p *pageContext) error {
	f, err := readForm(p)
	if err != nil {
		return err
	}
	ctx := p.ctx()
	memory, err := s.service.EndCeremony(ctx, workspace.PurposeNewPasskey, f.Get("token"), p.Member.UserID)
	if err != nil {
		return err
	}
	credential, err := s.site(p).Registered(p.Member, memory, f.Get("response"))
	if err == nil {
		err = s.service.AddPasskey(ctx, p.Actor, p.Session, credential, f.Get("name"))
	}
	if wrong := wrongFields(err); wrong != nil {
		return s.renderSecurity(p, http.StatusUnprocessableEntity, templates.SecurityView{Errors: wrong})
	}
	if err != nil {
		return err
	}
	return p.Redirect(http.StatusSeeOther, withNotice(paths.Security, "passkey-added"))
}

// removePasskey removes a passkey of the user.
func (s *Server) removePasskey(p *pageContext) error {
	return doThen(p, withNotice(paths.Security, "passkey-removed"), func(ctx context.Context) error {
		return s.service.RemovePasskey(ctx, p.Actor, p.Param("id"))
	})
}
