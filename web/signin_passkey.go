package web

import (
	"context"
	"net/http"
	"net/netip"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/keylodge/keylodge/internal/passkey"
	"github.com/keylodge/keylodge/internal/paths"
	"github.com/keylodge/keylodge/internal/workspace"
	"github.com/keylodge/keylodge/templates"
)

// site is where passkeys of a visit are bound to: the base host, so that they
// open every workspace that a person is in. A name without a dot, such as
// localhost, can't be shared by the hosts below it (HTML, "registrable domain
// suffix").
func (s *Server) site(c echo.Context, v *visit) passkey.Site {
	slug, id := s.hosts.slug(c.Request().Host), s.hosts.base.Hostname()
	if slug != "" && !strings.Contains(id, ".") {
		id = slug + "." + id
	}
	return passkey.Site{ID: id, Origin: s.hosts.origin(slug), Name: v.Workspace.Name}
}

// takesPasskeys says whether there can be any: an address of numbers has none.
func (s *Server) takesPasskeys() bool {
	_, err := netip.ParseAddr(s.hosts.base.Hostname())
	return err != nil
}

// begin keeps what the second half of a ceremony wants, and gives the browser
// its half.
func (s *Server) begin(c echo.Context, p workspace.Purpose, userID string, ceremony passkey.Ceremony, err error) error {
	if err != nil {
		return err
	}
	token, err := s.Service.BeginCeremony(c.Request().Context(), p, userID, ceremony.Memory)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, map[string]any{"token": token, "options": rawJSON(ceremony.Options)})
}

// rawJSON is JSON already.
type rawJSON []byte

// MarshalJSON implements [encoding/json.Marshaler].
func (r rawJSON) MarshalJSON() ([]byte, error) { return r, nil }

// passkeyOptions begins a sign-in, or a proof, by whichever passkey the browser
// has. It tells nothing of anybody.
func (s *Server) passkeyOptions(c echo.Context, v *visit) error {
	if _, err := readForm(c); err != nil {
		return err
	}
	if err := s.mayBegin(c); err != nil {
		return err
	}
	ceremony, err := s.site(c, v).Ask()
	return s.begin(c, workspace.PurposePasskey, "", ceremony, err)
}

// answeredPasskey returns the passkey that has answered what passkeyOptions
// asked.
func (s *Server) answeredPasskey(c echo.Context, v *visit, token, response string) (workspace.Passkey, error) {
	ctx := c.Request().Context()
	memory, err := s.Service.EndCeremony(ctx, workspace.PurposePasskey, token, "")
	if err != nil {
		return workspace.Passkey{}, err
	}
	return s.site(c, v).Answered(memory, response, func(credential []byte) (workspace.Passkey, error) {
		return s.Service.PasskeyOf(ctx, credential)
	})
}

// refusedPasskey returns what a form says of a passkey that was not accepted,
// and "" when something else has failed, or nothing.
func refusedPasskey(c echo.Context, err error) string {
	switch workspace.KindOf(err) {
	case workspace.Invalid, workspace.Unauthenticated, workspace.Gone:
		c.Set(failureKey, err)
		return answerFor(err).message
	}
	return ""
}

// signInByPasskey signs in whose passkey has answered.
func (s *Server) signInByPasskey(c echo.Context, v *visit) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	form := templates.SignInForm{Next: safeNext(f.Get("next"), paths.Keys)}
	var in workspace.SignedInSession
	p, err := s.answeredPasskey(c, v, f.Get("token"), f.Get("response"))
	if err == nil {
		in, err = s.Service.SignInByPasskey(c.Request().Context(), v.asStranger(), p, s.cookie(c, deviceCookie))
	}
	if form.Failed = refusedPasskey(c, err); form.Failed != "" {
		return s.renderSignIn(c, http.StatusUnprocessableEntity, v, form)
	}
	if err != nil {
		return err
	}
	return s.signedIn(c, v, in, form.Next)
}

// confirmByPasskey is confirm for whose passkey has answered.
func (s *Server) confirmByPasskey(c echo.Context, v *visit) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	form := templates.ConfirmForm{Next: safeNext(f.Get("next"), paths.Keys), With: f.Get("with")}
	var in workspace.SignedInSession
	p, err := s.answeredPasskey(c, v, f.Get("token"), f.Get("response"))
	if err == nil {
		in, err = s.Service.ProveByPasskey(c.Request().Context(), v.Actor, p, s.cookie(c, deviceCookie))
	}
	if message := refusedPasskey(c, err); message != "" {
		form.Errors = workspace.Fields{"": message}
		return s.renderConfirm(c, http.StatusUnprocessableEntity, v, form)
	}
	if err != nil {
		return err
	}
	return s.signedIn(c, v, in, form.Next)
}

// newPasskeyOptions begins to make a passkey.
func (s *Server) newPasskeyOptions(c echo.Context, v *visit) error {
	if _, err := readForm(c); err != nil {
		return err
	}
	if err := s.Service.OwnProof(c.Request().Context(), v.Actor); err != nil {
		return err
	}
	known, err := s.Service.Passkeys(c.Request().Context(), v.Actor)
	if err != nil {
		return err
	}
	ceremony, err := s.site(c, v).Register(v.Member, known)
	return s.begin(c, workspace.PurposeNewPasskey, v.Member.UserID, ceremony, err)
}

// addPasskey takes the passkey that the browser has made.
func (s *Server) addPasskey(c echo.Context, v *visit) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	memory, err := s.Service.EndCeremony(ctx, workspace.PurposeNewPasskey, f.Get("token"), v.Member.UserID)
	if err != nil {
		return err
	}
	p, err := s.site(c, v).Registered(v.Member, memory, f.Get("response"))
	if err == nil {
		err = s.Service.AddPasskey(ctx, v.Actor, v.Session, p, f.Get("name"))
	}
	if wrong := wrongFields(err); wrong != nil {
		return s.renderSecurity(c, http.StatusUnprocessableEntity, v, templates.SecurityView{Errors: wrong})
	}
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, paths.Security+"?passkey=added")
}

// removePasskey takes one of the person's passkeys away.
func (s *Server) removePasskey(c echo.Context, v *visit) error {
	return doThen(c, paths.Security+"?passkey=removed", func(ctx context.Context) error {
		return s.Service.RemovePasskey(ctx, v.Actor, c.Param("id"))
	})
}
