package api

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/keylodge/keylodge/internal/secret"
)

// credential is the key that a request presents for itself.
type credential struct {
	secret    string // as it was sent; empty when several are
	presented bool
	asClient  bool // in a way that only OAuth clients use
}

// presentedCredential returns the key that a request presents: as
// "Authorization: Bearer SECRET" (RFC 6750 section 2.1, the scheme in any case)
// or "X-API-Key: SECRET". Several at once are no key, never a choice.
func presentedCredential(r *http.Request) credential {
	text, n := "", 0
	for _, value := range r.Header["Authorization"] {
		if hasScheme(value, "Bearer") {
			text, n = strings.TrimLeft(value[len("Bearer"):], " "), n+1
		}
	}
	for _, value := range r.Header["X-Api-Key"] {
		text, n = value, n+1
	}
	if n > 1 {
		text = ""
	}
	return credential{secret: text, presented: n > 0}
}

// hasScheme reports whether an Authorization header has a scheme, in any case.
func hasScheme(value, scheme string) bool {
	got, _, _ := strings.Cut(value, " ")
	return strings.EqualFold(got, scheme)
}

// KeyInQuery reports whether a URL's query has a key anywhere, in its names,
// its values or between them. Logs and histories on the way have kept it, so it
// must be revoked.
func KeyInQuery(u *url.URL) bool {
	if u.RawQuery == "" {
		return false
	}
	decoded, _ := url.QueryUnescape(u.RawQuery) // "" when it is malformed
	return len(secret.Find(u.RawQuery+" "+decoded)) > 0
}
