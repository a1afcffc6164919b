package web

import (
	"time"

	"github.com/labstack/echo/v4"

	"github.com/keylodge/keylodge/internal/httpguard"
)

// middleware wraps every page: it sets the request id and the security headers,
// refuses requests from other sites and large bodies, recovers from panics,
// answers errors and writes the log line.
func (s *Server) middleware(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		s.handle(c, func() error { return admitted(c, next) })
		return nil
	}
}

// handle runs a handler, answers its error and writes the log line.
func (s *Server) handle(c echo.Context, run func() error) {
	began := time.Now()
	httpguard.SetRequestID(c.Response().Header())
	httpguard.SetSecurityHeaders(c.Response().Header(), s.secure())
	if err := run(); err != nil {
		s.writeFailure(c, err)
	}
	s.logRequest(c, time.Since(began))
}

// admitted runs a handler if the request may reach it.
func admitted(c echo.Context, next echo.HandlerFunc) (err error) {
	defer httpguard.Recover(&err)
	if err := httpguard.Admit(c.Response().Writer, c.Request()); err != nil {
		return err
	}
	return next(c)
}

func requestID(c echo.Context) string { return c.Response().Header().Get(httpguard.RequestIDHeader) }
