package web

import (
	"net/url"
	"strings"
	"unicode"

	"github.com/keylodge/keylodge/internal/httpguard"
	"github.com/keylodge/keylodge/internal/secret"
)

// safeNext returns next when it is a path on this host without a key in it, and
// fallback otherwise. Browsers read "\" as "/" and drop tabs and line breaks,
// so none may be there, plain or encoded.
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

// holdsKey says whether there is a key in a URL, or may be one behind many
// escapes: it must not be sent on.
func holdsKey(text string) bool {
	decoded, all := httpguard.Unescape(text)
	return !all || len(secret.Find(text+" "+decoded)) > 0
}

func readDifferently(r rune) bool { return r == '\\' || unicode.IsControl(r) }
