package web

import (
	"net/http"

	"github.com/keylodge/keylodge/internal/paths"
	"github.com/keylodge/keylodge/internal/workspace"
	"github.com/keylodge/keylodge/templates"
)

// signInByCode finishes a sign-in with a code of an authenticator app.
func (s *Server) signInByCode(p *pageContext) error {
	f, err := readForm(p)
	if err != nil {
		return err
	}
	form := templates.SignInCodeForm{Token: f.Get("token"), Next: safeNext(f.Get("next"), paths.Keys)}
	in, err := s.service.FinishSignIn(p.ctx(), s.signInRequest(p),
		workspace.SignInCode{Token: form.Token, Code: f.Get("code")})
	if err == nil {
		return s.signedIn(p, in, form.Next)
	}
	status, wrong := s.wrongProof(p, err, "code", "This code is wrong, or has been used. Enter the next one.")
	if wrong == nil {
		return err
	}
	form.Errors = wrong
	return s.renderSignInCode(p, status, form)
}

// signedIn starts the session or, if a code is required, asks for it.
func (s *Server) signedIn(p *pageContext, in workspace.SignedInSession, next string) error {
	if in.Await != "" {
		return s.renderSignInCode(p, http.StatusOK, templates.SignInCodeForm{Token: in.Await, Next: next})
	}
	if err := s.beginSession(p, in); err != nil {
		return err
	}
	return p.Redirect(http.StatusSeeOther, next)
}

func (s *Server) renderSignInCode(p *pageContext, status int, form templates.SignInCodeForm) error {
	return s.renderSecret(p, status, templates.SignInCodePage(s.strangerLayout(p, "Enter your code"), form))
}
