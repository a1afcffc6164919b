package api

import (
	"net/http"
	"strings"

	"github.com/keylodge/keylodge/internal/httpguard"
	"github.com/keylodge/keylodge/internal/workspace"
)

// Challenges of RFC 6750 section 3. All responses share them, so they must not
// be changed.
var (
	noKeySent    = []string{"Bearer"}
	invalidToken = []string{`Bearer error="invalid_token"`}
	keyInURL     = []string{`Bearer error="invalid_token", ` +
		`error_description="A key was sent in the URL, which logs and histories keep. Revoke it."`}
	invalidRequest = []string{`Bearer error="invalid_request"`}
)

// basicChallenge is the challenge for OAuth clients (RFC 6749 section 5.2, RFC
// 7617 section 2).
var basicChallenge = []string{`Basic realm="Keylodge", charset="UTF-8"`}

// challenge returns the WWW-Authenticate of a response to a request without a
// valid key.
func (c credential) challenge() []string {
	switch {
	case c.inURL:
		return keyInURL
	case c.presented:
		return invalidToken
	}
	return noKeySent
}

// insufficientScope is the challenge of RFC 6750 section 3.1. A scope needs no
// escapes in a quoted string.
func insufficientScope(scopes []string) string {
	if len(scopes) == 0 {
		return `Bearer error="insufficient_scope"`
	}
	return `Bearer error="insufficient_scope", scope="` + strings.Join(scopes, " ") + `"`
}

// refuse returns the status of a refusal, and sets the headers that go with it.
// All invalid keys look the same. Once too many have come from one IP they get
// 429 instead of 401; a valid key never does.
func (s *Server) refuse(h http.Header, r *http.Request, v *verification) int {
	switch v.result.Decision {
	case workspace.DecisionRateLimited:
		setRateLimit(h, v.result.Quota)
		httpguard.SetRetryAfter(h, v.result.Quota.RetryAfter)
		return http.StatusTooManyRequests
	case workspace.DecisionInsufficientScope, workspace.DecisionIPNotAllowed:
		h["Www-Authenticate"] = []string{insufficientScope(v.scopes)}
		return http.StatusForbidden
	}
	if v.presented {
		if q := s.failures.Add(s.ClientIP(r), s.Service.Now()); q.RetryAfter > 0 {
			setNamedRateLimit(h, "ip", q)
			httpguard.SetRetryAfter(h, q.RetryAfter)
			return http.StatusTooManyRequests
		}
	}
	h["Www-Authenticate"] = v.challenge()
	return http.StatusUnauthorized
}

// errNoKey is the error for a request that needs a valid key and has none.
var errNoKey = &workspace.Error{Kind: workspace.Unauthenticated, Message: "Send one valid key, as " +
	"“Authorization: Bearer KEY” or “X-API-Key: KEY”, and none in the URL."}

// refusals are the errors for a refused request, by its status.
var refusals = map[int]error{
	http.StatusUnauthorized: errNoKey,
	http.StatusForbidden: &workspace.Error{
		Kind: workspace.Forbidden,
		Message: "This key may not do this, or not from " +
			"this IP. To verify other keys, a key needs the scope keys:verify, and an owner who may have it.",
	},
	http.StatusTooManyRequests: &workspace.Error{Kind: workspace.Throttled,
		Message: "Too many requests. Wait as long as Retry-After says."},
}
