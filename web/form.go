package web

import (
	"bufio"
	"context"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"unicode"

	"github.com/labstack/echo/v4"

	"github.com/keylodge/keylodge/internal/secret"
)

// readForm returns the fields of the request body. It ignores the query, so
// that a query cannot stand in for a field. An empty body of any type is a form
// without fields. Errors have status 400, 413 or 415.
func readForm(c echo.Context) (url.Values, error) {
	r := c.Request()
	body := bufio.NewReader(r.Body)
	if _, err := body.Peek(1); err == io.EOF {
		return url.Values{}, nil
	}
	r.Body = io.NopCloser(body)
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if kind != "application/x-www-form-urlencoded" {
		return nil, echo.ErrUnsupportedMediaType
	}
	if err := r.ParseForm(); err != nil {
		if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
			return nil, err
		}
		return nil, echo.ErrBadRequest
	}
	return r.PostForm, nil
}

// doThen runs an action whose form has no fields, then redirects.
func doThen(c echo.Context, to string, do func(context.Context) error) error {
	if _, err := readForm(c); err != nil {
		return err
	}
	if err := do(c.Request().Context()); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, to)
}

// splitList splits a field that takes several values, separated by spaces,
// commas or lines.
func splitList(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return r == ',' || unicode.IsSpace(r) })
}

// forgetKeys empties fields that contain a secret, so that the form does not
// show it again.
func forgetKeys(fields ...*string) {
	for _, f := range fields {
		if len(secret.Find(*f)) > 0 {
			*f = ""
		}
	}
}
