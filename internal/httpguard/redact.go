package httpguard

import (
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/keylodge/keylodge/internal/workspace"
)

// knownMethods are the methods that may be logged (RFC 9110 section 9, RFC
// 5789).
var knownMethods = []string{
	http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete,
	http.MethodOptions, http.MethodTrace, http.MethodConnect,
}

// Method returns a request's method for the log, or "other" for an unknown one:
// a client may send a key in its place.
func Method(r *http.Request) string {
	if slices.Contains(knownMethods, r.Method) {
		return r.Method
	}
	return "other"
}

// Path returns a request's path for the log: without its query, which may hold
// a one-time token, and without secrets.
func Path(r *http.Request) string { return Redact(r.URL.Path) }

// maxRedacted is how many bytes of a text are logged or kept in the audit log.
const maxRedacted = 256

// secretLength is how many letters and digits in a row may be a secret, or most
// of one. No path of Keylodge has as many.
const secretLength = 30

var longRun = regexp.MustCompile(`[0-9A-Za-z_]*[0-9A-Za-z]{` + strconv.Itoa(secretLength) + `,}[0-9A-Za-z_]*`)

// Redact returns at most 256 bytes of a text that a client sent, with
// everything that may be a secret, or most of one, replaced. It replaces the
// whole of a text that hides a secret behind percent escapes.
func Redact(text string) string {
	hidden, all := Unescape(text)
	if !all {
		return redacted
	}
	text = longRun.ReplaceAllString(text, redacted)
	hidden = longRun.ReplaceAllString(hidden, redacted)
	if strings.Count(hidden, redacted) > strings.Count(text, redacted) {
		return redacted
	}
	return workspace.Clip(text, maxRedacted)
}

// maxNesting is how many times nested escapes are decoded. Each time reads the
// whole text, and only attackers nest them.
const maxNesting = 8

// Unescape decodes percent escapes, including nested ones. all is false when
// some are left.
func Unescape(text string) (decoded string, all bool) {
	for range maxNesting {
		next := unescapeOnce(text)
		if next == text {
			return text, true
		}
		text = next
	}
	return text, false
}

var escape = regexp.MustCompile(`%[0-9A-Fa-f]{2}`)

// unescapeOnce decodes every valid percent escape.
func unescapeOnce(text string) string {
	return escape.ReplaceAllStringFunc(text, func(e string) string {
		b, _ := strconv.ParseUint(e[1:], 16, 8)
		return string([]byte{byte(b)})
	})
}

const redacted = "[redacted]"
