package main

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/keylodge/keylodge/internal/workspace"
)

// outageOver is when an outage counts as over: an error that has not been
// logged for this long is logged again.
const outageOver = time.Minute

// outageHandler drops what background jobs log again and again while the
// database is unreachable or halted. It keeps the first record of each message
// and cause, and drops those that follow within outageOver of the last one. All
// other records pass through.
type outageHandler struct {
	slog.Handler
	reported *outages
}

// outages holds when each error was last reported.
type outages struct {
	now func() time.Time

	mu   sync.Mutex
	last map[string]time.Time
}

// newOutageHandler returns a handler that passes records on to h.
func newOutageHandler(h slog.Handler, now func() time.Time) slog.Handler {
	return outageHandler{h, &outages{now: now, last: map[string]time.Time{}}}
}

// Handle implements [slog.Handler].
func (h outageHandler) Handle(ctx context.Context, r slog.Record) error {
	if cause := unavailableIn(r); cause != "" && !h.reported.isNews(r.Message+": "+cause) {
		return nil
	}
	return h.Handler.Handle(ctx, r)
}

// WithAttrs implements [slog.Handler].
func (h outageHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return outageHandler{h.Handler.WithAttrs(attrs), h.reported}
}

// WithGroup implements [slog.Handler].
func (h outageHandler) WithGroup(name string) slog.Handler {
	return outageHandler{h.Handler.WithGroup(name), h.reported}
}

// unavailableIn returns the text of the error of kind Unavailable that a record
// is about, or "".
func unavailableIn(r slog.Record) (cause string) {
	r.Attrs(func(a slog.Attr) bool {
		if err, ok := a.Value.Any().(error); ok && workspace.KindOf(err) == workspace.Unavailable {
			cause = err.Error()
		}
		return cause == ""
	})
	return cause
}

// isNews reports whether an error is the first of an outage, and forgets
// outages that are over.
func (o *outages) isNews(text string) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	now := o.now()
	for known, at := range o.last {
		if now.Sub(at) > outageOver {
			delete(o.last, known)
		}
	}
	_, known := o.last[text]
	o.last[text] = now
	return !known
}
