package web

import (
	"net/http"

	"github.com/keylodge/keylodge/internal/paths"
	"github.com/keylodge/keylodge/internal/workspace"
	"github.com/keylodge/keylodge/templates"
)

// finishSignIn takes the code of who has entered their password.
func (s *Server) finishSignIn(p *pageContext) error {
	f, err := readForm(p)
	if err != nil {
		return err
	}
	form := templates.CodeForm{Token: f.Get("token"), Next: safeNext(f.Get("next"), paths.Keys)}
	in, err := s.Service.FinishSignIn(p.ctx(), p.Stranger, form.Token, f.Get("code"), s.cookie(p, deviceCookie))
	if err == nil {
		return s.signedIn(p, in, form.Next)
	}
	status, wrong := s.wrongProof(p, err, "code", "This code is wrong, or has been used. Enter the next one.")
	if wrong == nil {
		return err
	}
	form.Errors = wrong
	return s.renderCode(p, status, form)
}

// signedIn begins the session or, when a code is wanted first, asks for it.
func (s *Server) signedIn(p *pageContext, in workspace.SignedInSession, next string) error {
	if in.Await != "" {
		return s.renderCode(p, http.StatusOK, templates.CodeForm{Token: in.Await, Next: next})
	}
	if err := s.beginSession(p, in); err != nil {
		return err
	}
	return p.Redirect(http.StatusSeeOther, next)
}

func (s *Server) renderCode(p *pageContext, status int, form templates.CodeForm) error {
	return s.renderSecret(p, status, templates.CodePage(s.strangerFrame(p, "Enter your code"), form))
}
