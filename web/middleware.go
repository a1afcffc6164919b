package web

import (
	"time"

	"github.com/labstack/echo/v4"

	"github.com/keylodge/keylodge/internal/httpguard"
	"github.com/keylodge/keylodge/internal/workspace"
)

// middleware is around every page: it sets a request id and the security
// headers, refuses forged requests and large bodies, recovers panics, answers
// errors and writes the log line.
func (s *Server) middleware(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		s.handle(c, func() error { return s.guarded(c, next) })
		return nil
	}
}

// handle runs a handler, answers its error and writes the log line.
func (s *Server) handle(c echo.Context, run func() error) {
	began := time.Now()
	httpguard.SetRequestID(c.Response().Header())
	httpguard.SetSecurityHeaders(c.Response().Header(), s.secure())
	if err := run(); err != nil {
		s.answerError(c, err)
	}
	s.logRequest(c, time.Since(began))
}

func (s *Server) guarded(c echo.Context, next echo.HandlerFunc) (err error) {
	defer httpguard.Recover(&err)
	r := c.Request()
	if s.crossSite.Check(r) != nil {
		return &workspace.Error{
			Kind: workspace.Forbidden, Message: "This form was sent from another site, so nothing was done.",
		}
	}
	if err := httpguard.LimitBody(c.Response().Writer, r); err != nil {
		return err
	}
	return next(c)
}

func requestID(c echo.Context) string { return c.Response().Header().Get(httpguard.RequestIDHeader) }
