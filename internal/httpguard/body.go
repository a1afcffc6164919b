package httpguard

import (
	"errors"
	"net/http"
	"strings"
)

// MaxBody is the size of the largest body that a request may have, in bytes.
const MaxBody = 1 << 20

// LimitBody returns an error for a body whose Content-Length is more than
// [MaxBody]. Reading a longer body fails at the limit. w must be net/http's
// own, which then closes the connection.
func LimitBody(w http.ResponseWriter, r *http.Request) error {
	if r.ContentLength > MaxBody {
		return &http.MaxBytesError{Limit: MaxBody}
	}
	r.Body = http.MaxBytesReader(w, r.Body, MaxBody)
	return nil
}

// BodyError returns the error to answer with when reading a body has failed:
// 413 when it is too large, else 400, since the client hung up or was too slow.
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
