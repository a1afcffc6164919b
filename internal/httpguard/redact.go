package web

import (
	"log/slog"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/keylodge/keylodge/internal/workspace"
)

// failureKey is where a request's context has the error that it was answered
// for, to be in its log line.
const failureKey = "failure"

// logRequest writes the one line of a request: as an error when the fault is
// ours or the database's, as a warning when somebody was refused.
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
		slog.String("method", loggedMethod(r)), slog.String("path", loggedPath(r)), slog.Int("status", status),
		slog.Duration("took", took.Round(time.Microsecond)), slog.String("address", s.address.of(r).String()),
		slog.String("request_id", requestID(c)),
	}
	if failed {
		attributes = append(attributes, slog.Any("error", failure))
	}
	s.Log.LogAttrs(r.Context(), level, "request", attributes...)
}

// knownMethods are the methods that may be logged (RFC 9110 section 9, RFC
// 5789).
var knownMethods = []string{
	http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete,
	http.MethodOptions,
	http.MethodTrace, http.MethodConnect,
}

// loggedMethod returns a request's method, or "other" for one that does not
// exist: clients can send a key in its place.
func loggedMethod(r *http.Request) string {
	if slices.Contains(knownMethods, r.Method) {
		return r.Method
	}
	return "other"
}

// loggedPath returns a request's path without its query, which may hold a
// one-time token, and without keys.
func loggedPath(r *http.Request) string { return withoutSecrets(r.URL.Path) }

// maxLogged is the most bytes of a text that are logged or kept in the audit
// log.
const maxLogged = 256

// secretLength is how many letters and digits in a row may be a secret, or most
// of one. Nothing that Keylodge puts into a path has as many.
const secretLength = 30

var longRun = regexp.MustCompile(`[0-9A-Za-z_]*[0-9A-Za-z]{` + strconv.Itoa(secretLength) + `,}[0-9A-Za-z_]*`)

// withoutSecrets returns at most maxLogged bytes of what a client sent, with
// all that may be a secret or a large part of one replaced. A text that hides
// one behind escapes is replaced as a whole.
func withoutSecrets(text string) string {
	hidden, all := unescapeAll(text)
	if !all {
		return redacted
	}
	text = longRun.ReplaceAllString(text, redacted)
	if hidden = longRun.ReplaceAllString(hidden, redacted); strings.Count(hidden, redacted) > strings.Count(text,
		redacted) {
		return redacted
	}
	return workspace.Clip(text, maxLogged)
}

// maxNesting is how often escapes within escapes are decoded. Each time costs
// as much as the text is long, and nobody but an attacker nests them.
const maxNesting = 8

// unescapeAll decodes escapes within escapes too, and says whether none is
// left.
func unescapeAll(text string) (decoded string, all bool) {
	for range maxNesting {
		next := unescape(text)
		if next == text {
			return text, true
		}
		text = next
	}
	return text, false
}

var escape = regexp.MustCompile(`%[0-9A-Fa-f]{2}`)

// unescape decodes every percent escape, and leaves alone what is none.
func unescape(text string) string {
	return escape.ReplaceAllStringFunc(text, func(e string) string {
		b, _ := strconv.ParseUint(e[1:], 16, 8)
		return string([]byte{byte(b)})
	})
}

const redacted = "[redacted]"

// seldom lets something happen once a second at most, however often it is asked
// for.
type seldom struct{ last atomic.Int64 }

func (s *seldom) now() bool {
	now, last := time.Now().Unix(), s.last.Load()
	return now != last && s.last.CompareAndSwap(last, now)
}
