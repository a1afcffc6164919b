package web

import (
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/keylodge/keylodge/internal/httpguard"
	"github.com/keylodge/keylodge/internal/workspace"
	"github.com/keylodge/keylodge/templates"
)

// failure is how a page shows an error.
type failure struct {
	status  int
	heading string
	message string
}

// headings are the headings of errors, by status.
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

// failureOf returns how a page shows an error.
func failureOf(err error) failure {
	if e, ok := errors.AsType[*echo.HTTPError](err); ok && headings[e.Code] != "" {
		err = &httpguard.Error{Status: e.Code}
	}
	var f failure
	f.status, f.message = httpguard.Answer(err)
	f.heading = headings[f.status]
	if e, ok := errors.AsType[*workspace.Error](err); ok && e.Title != "" {
		f.heading = e.Title
	}
	return f
}

// writeFailure answers a request with an error: a dialog for htmx, otherwise a
// page.
func (s *Server) writeFailure(c echo.Context, err error) {
	if c.Response().Committed {
		return
	}
	f := failureOf(err)
	c.Set(failureKey, err)
	httpguard.SetRetryAfterOf(c.Response().Header(), err)
	if c.Request().Context().Err() != nil { // the client is gone
		c.Response().WriteHeader(f.status)
		return
	}
	if failed := s.writeFailurePage(c, f, err); failed != nil {
		s.log.Error("error page failed", "error", failed, "request_id", requestID(c))
	}
}

func (s *Server) writeFailurePage(c echo.Context, f failure, err error) error {
	if workspace.KindOf(err) == workspace.Unproven {
		return s.askToStepUp(c, err)
	}
	page, _ := c.Get(pageContextKey).(*pageContext)
	v := templates.ErrorView{
		Layout: s.layout(page, f.heading), Status: f.status, Heading: f.heading, Message: f.message,
		RequestID: requestID(c),
	}
	if isHTMX(c) {
		return s.renderDialog(c, f.status, templates.ErrorDialog(v))
	}
	return s.render(c, f.status, templates.ErrorPage(v))
}
