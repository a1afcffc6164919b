package web

import (
	"time"

	"github.com/labstack/echo/v4"

	"github.com/keylodge/keylodge/internal/httpguard"
)

// failureKey is where a request keeps the error that it was answered with, for
// its log line.
const failureKey = "failure"

// logRequest writes the log line of a request.
func (s *Server) logRequest(c echo.Context, took time.Duration) {
	failure, _ := c.Get(failureKey).(error)
	httpguard.Line{
		Request: c.Request(), ID: requestID(c), IP: s.clientIP(c.Request()),
		Status: c.Response().Status, Took: took, Err: failure,
	}.Log(s.log)
}
