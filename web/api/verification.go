package api

import (
	"net/http"

	"github.com/keylodge/keylodge/internal/keyindex"
	"github.com/keylodge/keylodge/internal/secret"
	"github.com/keylodge/keylodge/internal/workspace"
)

// verification is one verification of a key: what a request presents, what is
// required of the key, and the outcome.
type verification struct {
	credential
	slug   string   // of the workspace that must have the key; "" for any
	scopes []string // the key must have all of them

	result keyindex.Result
	view   keyindex.View // that result comes from; not set when the decision is malformed
}

// keyID returns the id of a key that was found.
func (v *verification) keyID() string { return string(workspace.AppendKeyID(nil, v.result.KeyID)) }

func (v *verification) valid() bool { return v.result.Decision == workspace.DecisionValid }

// verify decides whether the key that a request presents may be used. A text
// that can't be a secret is malformed, and so is any key when another is in the
// URL. The error has kind Unavailable: the index can't be shown to be current.
func (s *Server) verify(r *http.Request, v *verification) error {
	presented, ok := secret.Parse(v.text)
	if !ok || v.inURL {
		v.result.Decision = workspace.DecisionMalformed
		return nil
	}
	var err error
	if v.view, err = s.Index.Current(r.Context()); err != nil {
		return err
	}
	v.result = v.view.Verify(keyindex.Request{
		Secret: presented, Slug: v.slug, Agent: r.UserAgent(),
		Attempt: workspace.Attempt{Now: s.Service.Now(), Scopes: v.scopes, IP: s.ClientIP(r)},
	})
	return nil
}

// verifyOwn verifies the key that a request presents for itself. The host of a
// workspace accepts only keys of that workspace.
func (s *Server) verifyOwn(r *http.Request, v *verification) error {
	v.slug = s.Hosts.Slug(r.Host)
	return s.verify(r, v)
}

// callerScopes are required of a key that verifies other keys.
var callerScopes = []string{workspace.VerifyScope}

// caller is a program that verifies other keys, in the view of the index that
// accepted its own key.
type caller struct {
	view keyindex.View
	slug string // of its workspace; keys of other workspaces are not found
}

// verifyCaller verifies the key of a program that verifies other keys.
func (s *Server) verifyCaller(h http.Header, r *http.Request, from credential) (caller, error) {
	v := verification{credential: from, scopes: callerScopes}
	if err := s.verifyOwn(r, &v); err != nil {
		return caller{}, err
	}
	if v.valid() {
		setRateLimit(h, v.result.Quota)
		return caller{v.view, v.result.Owner.Workspace.Slug}, nil
	}
	status := s.refuse(h, r, &v)
	if from.asClient && status == http.StatusUnauthorized && !from.inURL {
		h["Www-Authenticate"] = basicChallenge
	}
	return caller{}, refusals[status]
}

// verifyFor verifies a key on behalf of a caller.
func (s *Server) verifyFor(c caller, text string, attempt workspace.Attempt) keyindex.Result {
	presented, ok := secret.Parse(text)
	if !ok {
		return keyindex.Result{Decision: workspace.DecisionMalformed}
	}
	attempt.Now = s.Service.Now()
	return c.view.Verify(keyindex.Request{Attempt: attempt, Secret: presented, Slug: c.slug})
}
