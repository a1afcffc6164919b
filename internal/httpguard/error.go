package httpguard

import (
	"errors"
	"net/http"

	"github.com/keylodge/keylodge/internal/workspace"
)

// Error is the error for a malformed request.
type Error struct {
	Status  int
	Message string // a whole sentence for the author of the request
}

// Error returns the message.
func (e *Error) Error() string { return e.Message }

// statuses are the statuses that answer each kind of error.
var statuses = map[workspace.Kind]int{
	workspace.Internal:        http.StatusInternalServerError,
	workspace.Invalid:         http.StatusUnprocessableEntity,
	workspace.Unauthenticated: http.StatusUnauthorized,
	workspace.Forbidden:       http.StatusForbidden,
	workspace.NotFound:        http.StatusNotFound,
	workspace.Conflict:        http.StatusConflict,
	workspace.Gone:            http.StatusGone,
	workspace.Throttled:       http.StatusTooManyRequests,
	workspace.Unproven:        http.StatusForbidden,
	workspace.Unavailable:     http.StatusServiceUnavailable,
}

// messages are the messages of errors that have none of their own, by status.
var messages = map[int]string{
	http.StatusInternalServerError: "That is our fault, not yours. Try again; if it happens again, " +
		"tell whoever runs Keylodge.",
	http.StatusBadRequest:            "Go back and try again.",
	http.StatusNotFound:              workspace.ErrNotFound.Message,
	http.StatusMethodNotAllowed:      "This URL does not accept this method.",
	http.StatusRequestEntityTooLarge: "A request may have at most 1 MiB.",
	http.StatusUnsupportedMediaType:  "Send application/x-www-form-urlencoded.",
}

// Answer returns the status for an error, and the message for the client, which
// may be empty. Any error but a [workspace.Error], an [Error] or a
// [http.MaxBytesError] is 500, and its text is not in the message.
func Answer(err error) (status int, message string) {
	status = http.StatusInternalServerError
	if e, ok := errors.AsType[*workspace.Error](err); ok {
		status, message = statuses[e.Kind], e.Message
	} else if e, ok := errors.AsType[*Error](err); ok {
		status, message = e.Status, e.Message
	} else if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		status = http.StatusRequestEntityTooLarge
	}
	if message == "" {
		message = messages[status]
	}
	return status, message
}
