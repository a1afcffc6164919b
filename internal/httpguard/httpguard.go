// Package httpguard is what every HTTP request passes, whether a page or the
// API answers it: the client's IP, the request id, security headers, the
// refusal of requests from other sites, a limit on the body, recovery from
// panics, the status of an error, and one log line without secrets.
package httpguard

import (
	"fmt"
	"net/http"
	"runtime/debug"

	"github.com/keylodge/keylodge/internal/workspace"
)

// ErrBadHost is the error for a request whose host could be read in more than
// one way.
var ErrBadHost = &Error{
	Status:  http.StatusBadRequest,
	Message: "The host of this request is malformed. Send a host name or an IP, with at most one port.",
}

// crossOrigin trusts no other origin.
var crossOrigin http.CrossOriginProtection

var errCrossOrigin = &workspace.Error{
	Kind: workspace.Forbidden, Message: "This request was sent from another site, so nothing was done.",
}

// Admit returns an error for a request that must not reach its handler: one
// that a page of another site sent, or whose body is too large. See [LimitBody]
// for w and for bodies that turn out to be too large.
func Admit(w http.ResponseWriter, r *http.Request) error {
	if crossOrigin.Check(r) != nil {
		return errCrossOrigin
	}
	return LimitBody(w, r)
}

// Recover turns a panic into an error, so that it ends one request and not the
// program. It must be deferred.
func Recover(err *error) {
	if r := recover(); r != nil {
		if r == http.ErrAbortHandler {
			panic(r)
		}
		*err = fmt.Errorf("panic: %v\n%s", r, debug.Stack())
	}
}
