package api

import (
	"net/http"

	"github.com/keylodge/keylodge/internal/keyindex"
	"github.com/keylodge/keylodge/internal/workspace"
)

// credential is how a program presents the key with which it asks about others.
type credential struct {
	text      string // of the key; empty when there are several
	presented bool
	asClient  bool // in a way that only OAuth clients use
}

// bearerCredential returns the key that a request presents as every other
// request does.
func bearerCredential(r *http.Request) credential {
	text, presented := presentedKey(r)
	return credential{text: text, presented: presented}
}

// caller verifies the key of a program that asks about other keys, and returns
// the view that has verified it.
func (s *Server) caller(h http.Header, r *http.Request, from credential) (keyindex.View, keyindex.Result, error) {
	view, a, err := s.check(r, from.text, callerScopes)
	if err != nil {
		return view, a, err
	}
	if a.Decision == workspace.DecisionValid {
		setRateLimit(h, a.Quota)
		return view, a, nil
	}
	status := s.refuse(h, r, a, from.presented, callerScopes)
	if from.asClient && status == http.StatusUnauthorized && !KeyInQuery(r.URL) {
		h["Www-Authenticate"] = basicChallenge
	}
	return view, a, refusals[status]
}

// basicChallenge answers OAuth clients (RFC 6749 section 5.2, RFC 7617 section
// 2).
var basicChallenge = []string{`Basic realm="Keylodge", charset="UTF-8"`}

var callerScopes = []string{workspace.VerifyScope}

// errNoKey is the answer to a request that needs a key and has none that is
// good.
var errNoKey = &workspace.Error{Kind: workspace.Unauthenticated, Message: "Send one key that works, as “Authorization: Bearer KEY” or “X-API-Key: KEY”, and none in the address."}

// refusals are what a program is told, by the status of its refusal.
var refusals = map[int]error{
	http.StatusUnauthorized: errNoKey,
	http.StatusForbidden: &workspace.Error{Kind: workspace.Forbidden, Message: "This key may not do this, or not from this address. " +
		"To ask about other keys, a key needs the scope keys:verify, and an owner who may have it."},
	http.StatusTooManyRequests: &workspace.Error{Kind: workspace.Throttled, Message: "Too many requests. Wait as long as Retry-After says."},
}
