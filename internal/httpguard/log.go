package httpguard

import (
	"log/slog"
	"net/http"
	"net/netip"
	"sync/atomic"
	"time"
)

// Line is the log line of one request.
type Line struct {
	Request *http.Request
	ID      string
	IP      netip.Addr // of the client
	Status  int
	Took    time.Duration
	Err     error // why the request failed; nil when it didn't
}

// Log writes the line: as an error when the server or the database failed, as a
// warning when the request was refused.
func (l Line) Log(to *slog.Logger) {
	level := slog.LevelInfo
	switch {
	case l.Request.Context().Err() != nil: // the client has gone: the server did not fail
	case l.Err != nil && l.Status >= http.StatusInternalServerError:
		level = slog.LevelError
	case l.Status == http.StatusForbidden || l.Status == http.StatusTooManyRequests:
		level = slog.LevelWarn
	}
	attributes := []slog.Attr{
		slog.String("method", Method(l.Request)), slog.String("path", Path(l.Request)), slog.Int("status", l.Status),
		slog.Duration("took", l.Took.Round(time.Microsecond)), slog.String("ip", l.IP.String()),
		slog.String("request_id", l.ID),
	}
	if l.Err != nil {
		attributes = append(attributes, slog.Any("error", l.Err))
	}
	to.LogAttrs(l.Request.Context(), level, "request", attributes...)
}

// OncePerSecond allows something at most once per second. The zero value is
// ready to use, by several goroutines at once.
type OncePerSecond struct{ last atomic.Int64 }

// Allow reports whether it may happen now.
func (o *OncePerSecond) Allow() bool {
	now, last := time.Now().Unix(), o.last.Load()
	return now != last && o.last.CompareAndSwap(last, now)
}
