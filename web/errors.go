package web

import (
	"errors"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/keylodge/keylodge/internal/workspace"
	"github.com/keylodge/keylodge/templates"
)

// answer is how a kind of failure looks from outside.
type answer struct {
	status  int
	heading string
	message string // when the error has none of its own
}

// answers is the one table of what a failure gets.
var answers = map[workspace.Kind]answer{
	workspace.Internal:        {http.StatusInternalServerError, "Something went wrong", "That is our fault, not yours. Try again; if it happens again, tell whoever runs Keylodge."},
	workspace.Invalid:         {http.StatusUnprocessableEntity, "That did not work", ""},
	workspace.Unauthenticated: {http.StatusUnauthorized, "Sign in first", ""},
	workspace.Forbidden:       {http.StatusForbidden, "You may not do this", ""},
	workspace.NotFound:        {http.StatusNotFound, "Not found", workspace.ErrNotFound.Message},
	workspace.Conflict:        {http.StatusConflict, "That clashes with something", ""},
	workspace.Gone:            {http.StatusGone, "This link no longer works", ""},
	workspace.Throttled:       {http.StatusTooManyRequests, "Too many tries", ""},
	workspace.Unproven:        {http.StatusForbidden, "Confirm that it is you", ""},
	workspace.Unavailable:     {http.StatusServiceUnavailable, "That can’t be done right now", ""},
}

// httpAnswers are the failures that Echo and net/http report by status.
var httpAnswers = map[int]answer{
	http.StatusBadRequest:            {http.StatusBadRequest, "That request makes no sense", "Go back and try again."},
	http.StatusNotFound:              answers[workspace.NotFound],
	http.StatusMethodNotAllowed:      {http.StatusMethodNotAllowed, "That can’t be done here", "The address exists, but takes no such request."},
	http.StatusRequestEntityTooLarge: {http.StatusRequestEntityTooLarge, "That is too much", "A request may have at most 1 MiB."},
	http.StatusUnsupportedMediaType:  {http.StatusUnsupportedMediaType, "That is not a form", "Send application/x-www-form-urlencoded."},
}

// requestError is a request that is wrong in its form.
type requestError struct {
	status  int
	message string // a whole sentence for who wrote the request
}

// Error returns the message.
func (e *requestError) Error() string { return e.message }

// wrongFields returns what is wrong with which fields of a form, and nil when
// something else has failed.
func wrongFields(err error) workspace.Fields {
	if e, ok := errors.AsType[*workspace.Error](err); ok && e.Kind == workspace.Invalid {
		return e.Fields
	}
	return nil
}

// errNotYours is the answer to who asks for a form that their role could not
// send.
var errNotYours = &workspace.Error{Kind: workspace.Forbidden, Message: "Your role does not allow this. Ask an admin of the workspace."}

func answerFor(err error) answer {
	if e, ok := errors.AsType[*workspace.Error](err); ok {
		a := answers[e.Kind]
		if e.Message != "" {
			a.message = e.Message
		}
		return a
	}
	if e, ok := errors.AsType[*requestError](err); ok {
		a := httpAnswers[e.status]
		a.message = e.message
		return a
	}
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return httpAnswers[http.StatusRequestEntityTooLarge]
	}
	if e, ok := errors.AsType[*echo.HTTPError](err); ok {
		if a, ok := httpAnswers[e.Code]; ok {
			return a
		}
	}
	return answers[workspace.Internal]
}

// answerError is the one function that turns an error into an answer:
// problem+json for programs, a dialog for htmx, a page for everybody else.
func (s *Server) answerError(err error, c echo.Context) {
	if c.Response().Committed {
		return
	}
	a := answerFor(err)
	c.Set(failureKey, err)
	setRetryAfterOf(c.Response().Header(), err)
	if c.Request().Context().Err() != nil { // the client has gone, or has closed its half: nothing can be rendered
		c.Response().WriteHeader(a.status)
		return
	}
	if failed := s.writeError(c, a, err); failed != nil {
		s.Log.Error("an error's answer could not be written", "error", failed, "request_id", requestID(c))
	}
}

func (s *Server) writeError(c echo.Context, a answer, err error) error {
	if strings.HasPrefix(c.Request().URL.Path, apiPrefix) {
		return writeProblem(c, a, err)
	}
	if workspace.KindOf(err) == workspace.Unproven {
		return s.askToStepUp(c, err)
	}
	page, _ := c.Get(pageContextKey).(*pageContext)
	v := templates.ErrorView{
		Layout: s.layout(page, a.heading), Status: a.status, Heading: a.heading, Message: a.message, RequestID: requestID(c),
	}
	if isHTMX(c) {
		return s.renderDialog(c, a.status, templates.ErrorDialog(v))
	}
	return s.render(c, a.status, templates.ErrorPage(v))
}

// setRetryAfterOf sets Retry-After when the error says when to come back.
func setRetryAfterOf(h http.Header, err error) {
	if e, ok := errors.AsType[*workspace.Error](err); ok && e.RetryAfter > 0 {
		setRetryAfter(h, e.RetryAfter)
	}
}
