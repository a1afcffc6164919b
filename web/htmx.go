package web

import "github.com/labstack/echo/v4"

// isHTMX says whether htmx asks, and so for a fragment. Nothing else reads its headers.
func isHTMX(c echo.Context) bool { return c.Request().Header.Get("HX-Request") == "true" }
