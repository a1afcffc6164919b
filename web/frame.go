package web

import (
	"crypto/rand"
	"encoding/base32"
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/keylodge/keylodge/internal/workspace"
)

// maxBody is the largest body that any request may have.
const maxBody = 1 << 20

const requestIDHeader = "X-Request-Id"

// pageFrame is around everything but checks: an id for the request, the
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
	c.Response().Header().Set(requestIDHeader, newRequestID())
	s.setSecurityHeaders(c.Response().Header())
	if err := run(); err != nil {
		s.answerError(err, c)
	}
	s.logRequest(c, time.Since(began))
}

func (s *Server) guarded(c echo.Context, next echo.HandlerFunc) (err error) {
	defer recovered(&err)
	r := c.Request()
	if s.forgery.Check(r) != nil {
		return &workspace.Error{Kind: workspace.Forbidden, Message: "This form was sent from another site, so nothing was done."}
	}
	if err := limitBody(c.Response().Writer, r); err != nil {
		return err
	}
	return next(c)
}

// limitBody refuses a body that says that it is too large, and ends the reading
// of one that proves so. w is net/http's own, which then reads no further.
func limitBody(w http.ResponseWriter, r *http.Request) error {
	if r.ContentLength > maxBody {
		return &http.MaxBytesError{Limit: maxBody}
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	return nil
}

// bodyError returns the error of a body that could not be read: too large, or
// the client's fault in another way, since it hung up or was too slow.
func bodyError(err error) error {
	if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
		return err
	}
	return &requestError{http.StatusBadRequest, "The body of the request ended too early, or came too slowly."}
}

// recovered turns a panic into an error, so that it ends one request and not
// the program.
func recovered(err *error) {
	if r := recover(); r != nil {
		if r == http.ErrAbortHandler {
			panic(r)
		}
		*err = fmt.Errorf("panic: %v\n%s", r, debug.Stack())
	}
}

const csp = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; " +
	"manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'; " +
	"require-trusted-types-for 'script'; trusted-types default"

// securityHeaders are on every answer that has a body, errors and files
// included. The names are in the form that net/http gives them, and the values
// are shared by all answers, so that setting them costs little.
var securityHeaders = []struct {
	name  string
	value []string
}{
	{"Content-Security-Policy", []string{csp}},
	{"X-Content-Type-Options", []string{"nosniff"}},
	{"X-Frame-Options", []string{"DENY"}},
	{"Referrer-Policy", []string{"same-origin"}},
	{"Cross-Origin-Opener-Policy", []string{"same-origin"}},
	{"Cross-Origin-Resource-Policy", []string{"same-origin"}},
	{"Permissions-Policy", []string{"camera=(), geolocation=(), microphone=(), payment=(), usb=(), publickey-credentials-get=(self), " +
		"publickey-credentials-create=(self), clipboard-write=(self)"}},
	{"Cache-Control", noStore},
}

var strictTransport = []string{"max-age=63072000; includeSubDomains"}

func (s *Server) setSecurityHeaders(h http.Header) {
	for _, header := range securityHeaders {
		h[header.name] = header.value
	}
	if s.secure() {
		h["Strict-Transport-Security"] = strictTransport
	}
}

// newRequestID returns 80 random bits: a name for a request in the log, on an
// error's page, and in the audit trail. Ids that clients send are not taken
// over.
func newRequestID() string {
	var b [10]byte
	rand.Read(b[:])
	return base32.HexEncoding.EncodeToString(b[:])
}

func requestID(c echo.Context) string { return c.Response().Header().Get(requestIDHeader) }
