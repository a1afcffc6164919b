package web

import (
	"net/url"
	"strings"
	"unicode"

	"github.com/keylodge/keylodge/internal/httpguard"
	"github.com/keylodge/keylodge/internal/secret"
)

// safeNext returns next if it is a path on this host that contains no secret,
// otherwise fallback. Browsers read "\" as "/" and drop tabs and line breaks,
// so none may be there, plain or escaped.
func safeNext(next, fallback string) string {
	u, err := url.Parse(next)
	if err != nil || holdsKey(next) || u.Scheme != "" || u.Host != "" || u.User != nil || u.Opaque != "" {
		return fallback
	}
	for _, text := range []string{next, u.Path} {
		if !strings.HasPrefix(text, "/") || strings.HasPrefix(text, "//") ||
			strings.ContainsFunc(text, readDifferently) {
			return fallback
		}
	}
	return u.String()
}

// holdsKey reports whether a URL contains a secret, or may contain one behind
// many escapes.
func holdsKey(text string) bool {
	decoded, all := httpguard.Unescape(text)
	return !all || len(secret.Find(text+" "+decoded)) > 0
}

// readDifferently reports whether browsers rewrite a character in a URL.
func readDifferently(r rune) bool { return r == '\\' || unicode.IsControl(r) }
