package web

import (
	"net/url"
	"strings"
	"unicode"
)

// safeNext returns next when it is a path on this host, and fallback otherwise. Browsers read "\" as "/" and
// drop tabs and line breaks, so none may be there, plain or encoded.
func safeNext(next, fallback string) string {
	u, err := url.Parse(next)
	if err != nil || u.Scheme != "" || u.Host != "" || u.User != nil || u.Opaque != "" {
		return fallback
	}
	for _, text := range []string{next, u.Path} {
		if !strings.HasPrefix(text, "/") || strings.HasPrefix(text, "//") || strings.ContainsFunc(text, misread) {
			return fallback
		}
	}
	return u.String()
}

func misread(r rune) bool { return r == '\\' || unicode.IsControl(r) }
