package api

import (
	"net/http"
	"strconv"

	"github.com/keylodge/keylodge/internal/httpguard"
	"github.com/keylodge/keylodge/internal/keyindex"
	"github.com/keylodge/keylodge/internal/ratelimit"
	"github.com/keylodge/keylodge/internal/secret"
	"github.com/keylodge/keylodge/internal/workspace"
)

// check verifies the key that a request presents, which must have the scopes. A
// workspace's own host knows only its own keys.
func (s *Server) check(r *http.Request, text string, scopes []string) (keyindex.View, keyindex.Result, error) {
	return s.checkIn(r, s.Hosts.Slug(r.Host), text, scopes)
}

// checkIn is check for a workspace by its slug, "" for any. A text that can't
// be a key is refused without a lookup.
func (s *Server) checkIn(r *http.Request, slug, text string, scopes []string) (keyindex.View, keyindex.Result, error) {
	presented, ok := secret.Parse(text)
	if !ok || KeyInQuery(r.URL) {
		return keyindex.View{}, keyindex.Result{Decision: workspace.DecisionMalformed}, nil
	}
	view, err := s.Index.Current(r.Context())
	if err != nil {
		return view, keyindex.Result{}, err
	}
	return view, view.Verify(keyindex.Request{
		Secret: presented, Slug: slug, Agent: r.UserAgent(),
		Attempt: workspace.Attempt{Now: s.Service.Now(), Scopes: scopes, IP: s.ClientIP(r)},
	}), nil
}

var (
	// Challenges of RFC 6750 section 3.
	noKeySent    = []string{"Bearer"}
	invalidToken = []string{`Bearer error="invalid_token"`}
	burntKey     = []string{`Bearer error="invalid_token", ` +
		`error_description="A key was sent in the URL, which logs and histories keep. Revoke it."`}
)

// challenge returns the WWW-Authenticate of a request that presents no good
// key.
func challenge(r *http.Request, presented bool) []string {
	switch {
	case KeyInQuery(r.URL):
		return burntKey
	case presented:
		return invalidToken
	}
	return noKeySent
}

// refuse returns the status of a refusal, and sets the headers that go with it.
// All keys that are not good look the same. Once too many of them have come
// from one address they get 429 instead of 401, which a good key never does.
func (s *Server) refuse(h http.Header, r *http.Request, a keyindex.Result, presented bool, scopes []string) int {
	switch a.Decision {
	case workspace.DecisionRateLimited:
		setRateLimit(h, a.Quota)
		httpguard.SetRetryAfter(h, a.Quota.RetryAfter)
		return http.StatusTooManyRequests
	case workspace.DecisionInsufficientScope, workspace.DecisionIPNotAllowed:
		h["Www-Authenticate"] = []string{insufficientScope(scopes)}
		return http.StatusForbidden
	}
	if presented {
		if q := s.failures.Add(s.ClientIP(r), s.Service.Now()); q.RetryAfter > 0 {
			setNamedRateLimit(h, "address", q)
			httpguard.SetRetryAfter(h, q.RetryAfter)
			return http.StatusTooManyRequests
		}
	}
	h["Www-Authenticate"] = challenge(r, presented)
	return http.StatusUnauthorized
}

// setRateLimit tells what is left of a key's rate, if it has one.
func setRateLimit(h http.Header, q ratelimit.Quota) {
	if q.Rate != (ratelimit.Rate{}) {
		setNamedRateLimit(h, "key", q)
	}
}

// setNamedRateLimit tells what is left of a rate: of a key's, or of that of
// wrong keys from an address (draft-ietf-httpapi-ratelimit-headers-10).
func setNamedRateLimit(h http.Header, policy string, q ratelimit.Quota) {
	policy = `"` + policy + `"`
	h["RateLimit-Policy"] = []string{policy + ";q=" + strconv.Itoa(q.Rate.Requests) + ";w=" + strconv.Itoa(httpguard.WholeSeconds(q.Rate.Window))}
	h["RateLimit"] = []string{policy + ";r=" + strconv.Itoa(q.Remaining) + ";t=" + strconv.Itoa(httpguard.WholeSeconds(q.Reset))}
}
