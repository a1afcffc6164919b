package web

import (
	"bytes"
	"net/http"
	"sync"

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
func (s *Server) caller(h http.Header, r *http.Request, from credential) (keyindex.View, keyindex.Answer, error) {
	view, a, err := s.check(r, from.text, callerScopes)
	if err != nil {
		return view, a, err
	}
	if a.Decision == workspace.DecisionValid {
		setRateLimit(h, a.Quota)
		return view, a, nil
	}
	status := s.refuse(h, r, a, from.presented, callerScopes)
	if from.asClient && status == http.StatusUnauthorized && !keyInQuery(r.URL) {
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

// checkOfBody is a check that has a body, which is good until it returns.
type checkOfBody func(w http.ResponseWriter, r *http.Request, body *bytes.Buffer) error

var requestBodies = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// answerCheck runs one of the checks that have a body. What goes wrong is
// answered and logged as with every other request; what goes well is not
// logged, as there may be thousands a second.
func (s *Server) answerCheck(w http.ResponseWriter, r *http.Request, check checkOfBody) {
	if err := guardedCheck(w, r, check); err != nil {
		s.answerAlone(w, r, err)
	}
}

// answerAlone answers and logs an error outside of Echo's routes.
func (s *Server) answerAlone(w http.ResponseWriter, r *http.Request, err error) {
	c := s.pages.AcquireContext()
	defer s.pages.ReleaseContext(c)
	c.Reset(r, w)
	s.answerFrame(c, func() error { return err })
}

func guardedCheck(w http.ResponseWriter, r *http.Request, check checkOfBody) (err error) {
	defer recovered(&err)
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		return &requestError{http.StatusMethodNotAllowed, "Send a POST."}
	}
	if err := limitBody(w, r); err != nil {
		return err
	}
	// All of the question is read before anything is proven: what was revoked
	// before a key was sent is refused.
	body := requestBodies.Get().(*bytes.Buffer)
	defer requestBodies.Put(body)
	body.Reset()
	if _, err := body.ReadFrom(r.Body); err != nil {
		return bodyError(err)
	}
	return check(w, r, body)
}
