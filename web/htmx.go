package web

import (
	"net/url"

	"github.com/labstack/echo/v4"
)

// Only this file reads the headers that htmx sends.

// pageOfHTMX returns the path and query of the page that sent an htmx request,
// or "".
func pageOfHTMX(c echo.Context) string {
	u, err := url.Parse(c.Request().Header.Get("HX-Current-URL"))
	if err != nil || u.Path == "" {
		return ""
	}
	return u.RequestURI()
}

// isHTMX reports whether htmx sent the request, and so wants a fragment.
func isHTMX(c echo.Context) bool { return c.Request().Header.Get("HX-Request") == "true" }
