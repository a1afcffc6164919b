package api

import (
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"slices"

	"github.com/keylodge/keylodge/internal/httpguard"
	"github.com/keylodge/keylodge/internal/paths"
	"github.com/keylodge/keylodge/internal/workspace"
)

// problem is RFC 9457's problem details.
type problem struct {
	Type      string         `json:"type"`
	Title     string         `json:"title"`
	Status    int            `json:"status"`
	Detail    string         `json:"detail,omitempty"`
	RequestID string         `json:"request_id,omitempty"`
	Errors    []problemError `json:"errors,omitempty"`
	Error     string         `json:"error,omitempty"` // of introspection, see oauthErrors
}

// problemError is one thing that is wrong, and where in the request it is.
type problemError struct {
	Location string `json:"location"`
	Message  string `json:"message"`
}

// writeProblem answers a request with an error, and returns the status.
func writeProblem(w http.ResponseWriter, r *http.Request, err error) (status int) {
	h := w.Header()
	status, message := httpguard.Answer(err)
	httpguard.SetRetryAfterOf(h, err)
	if r.Context().Err() != nil { // the client has gone, or has closed its half
		w.WriteHeader(status)
		return status
	}
	p := problem{
		Type: "about:blank", Title: http.StatusText(status), Status: status, Detail: message,
		RequestID: h.Get(httpguard.RequestIDHeader),
	}
	if e, ok := errors.AsType[*workspace.Error](err); ok {
		for _, location := range slices.Sorted(maps.Keys(e.Fields)) {
			p.Errors = append(p.Errors, problemError{location, e.Fields[location]})
		}
	}
	if r.URL.Path == paths.Introspect {
		p.Error = oauthErrors[status]
	}
	body, _ := json.Marshal(p) // cannot fail: strings and numbers only
	h.Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	w.Write(body) // fails only when the client has gone
	return status
}
