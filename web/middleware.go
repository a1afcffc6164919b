package web

import (
	"time"

	"github.com/labstack/echo/v4"

	"github.com/keylodge/keylodge/internal/httpguard"
	"github.com/keylodge/keylodge/internal/workspace"
)

// pageFrame is around every page: an id for the request, the
// security headers, no forged requests, no endless bodies, and one log line.
func (s *Server) pageFrame(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		s.answerFrame(c, func() error { return s.guarded(c, next) })
		return nil
	}
}

// answerFrame runs what answers a request, answers for it when it fails, and
// writes the log line.
func (s *Server) answerFrame(c echo.Context, run func() error) {
	began := time.Now()
	httpguard.SetRequestID(c.Response().Header())
	httpguard.SetSecurityHeaders(c.Response().Header(), s.secure())
	if err := run(); err != nil {
		s.answerError(err, c)
	}
	s.logRequest(c, time.Since(began))
}

func (s *Server) guarded(c echo.Context, next echo.HandlerFunc) (err error) {
	defer httpguard.Recover(&err)
	r := c.Request()
	if s.forgery.Check(r) != nil {
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
