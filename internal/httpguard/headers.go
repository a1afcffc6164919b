package httpguard

import (
	"crypto/rand"
	"encoding/base32"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/keylodge/keylodge/internal/workspace"
)

// CSP is the Content-Security-Policy of every response, unless a page sets
// another.
const CSP = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; " +
	"connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; " +
	"object-src 'none'; require-trusted-types-for 'script'; trusted-types default"

// NoStore is a Cache-Control that keeps a response out of every cache. All
// responses share it, so it must not be changed.
var NoStore = []string{"no-store"}

// securityHeaders are on every response that has a body, including errors and
// files. The names are in canonical form and all responses share the values, so
// that setting them costs little.
var securityHeaders = []struct {
	name  string
	value []string
}{
	{"Content-Security-Policy", []string{CSP}},
	{"X-Content-Type-Options", []string{"nosniff"}},
	{"X-Frame-Options", []string{"DENY"}},
	{"Referrer-Policy", []string{"same-origin"}},
	{"Cross-Origin-Opener-Policy", []string{"same-origin"}},
	{"Cross-Origin-Resource-Policy", []string{"same-origin"}},
	{
		"Permissions-Policy",
		[]string{"camera=(), geolocation=(), microphone=(), payment=(), usb=(), publickey-credentials-get=(self), " +
			"publickey-credentials-create=(self), clipboard-write=(self)"},
	},
	{"Cache-Control", NoStore},
}

var strictTransport = []string{"max-age=63072000; includeSubDomains"}

// SetSecurityHeaders sets the headers that every response with a body has.
// https reports whether the installation is reached by https only.
func SetSecurityHeaders(h http.Header, https bool) {
	for _, header := range securityHeaders {
		h[header.name] = header.value
	}
	if https {
		h["Strict-Transport-Security"] = strictTransport
	}
}

// RequestIDHeader is the response header with the id of the request.
const RequestIDHeader = "X-Request-Id"

// SetRequestID gives a request an id of 80 random bits, which is in the log, on
// error pages, and in the audit log. Ids that clients send are ignored.
func SetRequestID(h http.Header) {
	var b [10]byte
	rand.Read(b[:])
	h.Set(RequestIDHeader, base32.HexEncoding.EncodeToString(b[:]))
}

// SetRetryAfter sets Retry-After in whole seconds, at least one (RFC 9110
// section 10.2.3).
func SetRetryAfter(h http.Header, wait time.Duration) {
	h.Set("Retry-After", strconv.Itoa(max(1, WholeSeconds(wait))))
}

// SetRetryAfterOf sets Retry-After when the error says when to try again.
func SetRetryAfterOf(h http.Header, err error) {
	if e, ok := errors.AsType[*workspace.Error](err); ok && e.RetryAfter > 0 {
		SetRetryAfter(h, e.RetryAfter)
	}
}

// WholeSeconds returns a duration in seconds, rounded up.
func WholeSeconds(d time.Duration) int { return int((d + time.Second - 1) / time.Second) }
