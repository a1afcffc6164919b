package web

import (
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/keylodge/keylodge/workspace"
)

// failureKey is where a request's context has the error that it was answered for, to be in its log line.
const failureKey = "failure"

// logRequest writes the one line of a request: as an error when the fault is ours or the database's, as a
// warning when somebody was refused.
func (s *Server) logRequest(c echo.Context, took time.Duration) {
	r, status := c.Request(), c.Response().Status
	level := slog.LevelInfo
	failure, failed := c.Get(failureKey).(error)
	if workspace.KindOf(failure) == workspace.Unavailable && slices.Contains(checkPaths, r.URL.Path) && !s.unproven.now() {
		return // there may be thousands
	}
	switch {
	case r.Context().Err() != nil: // the client has gone: no fault of ours
	case failed && status >= http.StatusInternalServerError:
		level = slog.LevelError
	case status == http.StatusForbidden || status == http.StatusTooManyRequests:
		level = slog.LevelWarn
	}
	attributes := []slog.Attr{
		slog.String("method", r.Method), slog.String("path", loggedPath(r)), slog.Int("status", status),
		slog.Duration("took", took.Round(time.Microsecond)), slog.String("address", s.address.of(r).String()),
		slog.String("request_id", requestID(c)),
	}
	if failed {
		attributes = append(attributes, slog.Any("error", failure))
	}
	s.Log.LogAttrs(r.Context(), level, "request", attributes...)
}

// loggedPath is what of a request's address may be logged: never the query, which may hold a one-time token,
// and no key that somebody has put into the path.
func loggedPath(r *http.Request) string {
	path := r.URL.Path
	for _, key := range workspace.FindSecrets(path) {
		path = strings.ReplaceAll(path, key, "[redacted]")
	}
	return clip(path, 256)
}

// seldom lets something happen once a second at most, however often it is asked for.
type seldom struct{ last atomic.Int64 }

func (s *seldom) now() bool {
	now, last := time.Now().Unix(), s.last.Load()
	return now != last && s.last.CompareAndSwap(last, now)
}
