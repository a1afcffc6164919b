package api

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/keylodge/keylodge/internal/secret"
)

// presentedKey returns the key that a request presents: as "Authorization:
// Bearer KEY" (RFC 6750 section 2.1, the scheme in any case) or "X-API-Key:
// KEY". Several at once are no key, never a choice.
func presentedKey(r *http.Request) (text string, presented bool) {
	n := 0
	for _, value := range r.Header["Authorization"] {
		if hasScheme(value, "Bearer") {
			text, n = strings.TrimLeft(value[len("Bearer"):], " "), n+1
		}
	}
	for _, value := range r.Header["X-Api-Key"] {
		text, n = value, n+1
	}
	if n > 1 {
		return "", true
	}
	return text, n == 1
}

// hasScheme reports whether the value of an Authorization header is of a
// scheme, spelled in any case.
func hasScheme(value, scheme string) bool {
	got, _, _ := strings.Cut(value, " ")
	return strings.EqualFold(got, scheme)
}

// KeyInQuery reports whether a request's query holds a key anywhere, in its names,
// its values or between them. The key has then been written to logs and
// histories on its way and must count as burnt.
func KeyInQuery(u *url.URL) bool {
	if u.RawQuery == "" {
		return false
	}
	decoded, _ := url.QueryUnescape(u.RawQuery) // "" when it is malformed
	return len(secret.Find(u.RawQuery+" "+decoded)) > 0
}
