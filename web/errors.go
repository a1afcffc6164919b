package web

import (
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/keylodge/keylodge/internal/httpguard"
	"github.com/keylodge/keylodge/internal/workspace"
	"github.com/keylodge/keylodge/templates"
)

// answer is how a page shows a failure.
type answer struct {
	status  int
	heading string
	message string
}

// headings are the headings of failures by status.
var headings = map[int]string{
	http.StatusInternalServerError:   "Something went wrong",
	http.StatusUnprocessableEntity:   "That did not work",
	http.StatusUnauthorized:          "Sign in first",
	http.StatusForbidden:             "You may not do this",
	http.StatusNotFound:              "Not found",
	http.StatusConflict:              "That clashes with something",
	http.StatusGone:                  "This link no longer works",
	http.StatusTooManyRequests:       "Too many tries",
	http.StatusServiceUnavailable:    "That can’t be done right now",
	http.StatusBadRequest:            "That request makes no sense",
	http.StatusMethodNotAllowed:      "That can’t be done here",
	http.StatusRequestEntityTooLarge: "That is too much",
	http.StatusUnsupportedMediaType:  "That is not a form",
}

// wrongFields returns the messages for the fields of a form, or nil when the
// error is not about fields.
func wrongFields(err error) workspace.Fields {
	if e, ok := errors.AsType[*workspace.Error](err); ok && e.Kind == workspace.Invalid {
		return e.Fields
	}
	return nil
}

// errNotYours is the error for a user who opens a form that their role does not
// let them send.
var errNotYours = &workspace.Error{
	Kind: workspace.Forbidden, Message: "Your role does not allow this. Ask an admin of the workspace.",
}

func answerFor(err error) answer {
	if e, ok := errors.AsType[*echo.HTTPError](err); ok && headings[e.Code] != "" {
		err = &httpguard.Error{Status: e.Code}
	}
	a := answer{}
	a.status, a.message = httpguard.Answer(err)
	a.heading = headings[a.status]
	if e, ok := errors.AsType[*workspace.Error](err); ok && e.Title != "" {
		a.heading = e.Title
	}
	return a
}

// answerError turns an error into a response: a dialog for htmx, otherwise a
// page.
func (s *Server) answerError(c echo.Context, err error) {
	if c.Response().Committed {
		return
	}
	a := answerFor(err)
	c.Set(failureKey, err)
	httpguard.SetRetryAfterOf(c.Response().Header(), err)
	if c.Request().Context().Err() != nil { // the client is gone
		c.Response().WriteHeader(a.status)
		return
	}
	if failed := s.writeError(c, a, err); failed != nil {
		s.log.Error("error page failed", "error", failed, "request_id", requestID(c))
	}
}

func (s *Server) writeError(c echo.Context, a answer, err error) error {
	if workspace.KindOf(err) == workspace.Unproven {
		return s.askToStepUp(c, err)
	}
	page, _ := c.Get(pageContextKey).(*pageContext)
	v := templates.ErrorView{
		Layout: s.layout(page, a.heading), Status: a.status, Heading: a.heading, Message: a.message,
		RequestID: requestID(c),
	}
	if isHTMX(c) {
		return s.renderDialog(c, a.status, templates.ErrorDialog(v))
	}
	return s.render(c, a.status, templates.ErrorPage(v))
}
