package httpguard

import (
	"errors"
	"net/http"
	"strings"
)

// MaxBody is the size of the largest body that a request may have, in bytes.
const MaxBody = 1 << 20

// LimitBody refuses a body that says that it is larger than [MaxBody], and ends
// the reading of one that proves to be. w is net/http's own, which then reads
// no further.
func LimitBody(w http.ResponseWriter, r *http.Request) error {
	if r.ContentLength > MaxBody {
		return &http.MaxBytesError{Limit: MaxBody}
	}
	r.Body = http.MaxBytesReader(w, r.Body, MaxBody)
	return nil
}

// BodyError returns the error to answer with when a body can't be read: too
// large, or the client's fault in another way, since it hung up or was too
// slow.
func BodyError(err error) error {
	if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
		return err
	}
	return &Error{http.StatusBadRequest, "The body of the request ended too early, or came too slowly."}
}

// HasMediaType reports whether a request's body has a media type, whatever its
// parameters.
func HasMediaType(r *http.Request, want string) bool {
	values := r.Header["Content-Type"]
	if len(values) != 1 {
		return false
	}
	got, _, _ := strings.Cut(values[0], ";")
	return strings.EqualFold(strings.TrimSpace(got), want)
}
