package api

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/keylodge/keylodge/internal/secret"
)

// credential is the key that a request presents for itself.
type credential struct {
	text      string // as it was sent; empty when several were
	presented bool
	inURL     bool // the URL has a key too, or instead; see [KeyInQuery]
	asClient  bool // it was sent in a way that only OAuth clients use
}

// presentedCredential returns the key that a request presents: as
// "Authorization: Bearer SECRET" (RFC 6750 section 2.1, the scheme in any case)
// or "X-API-Key: SECRET". When it presents several, none counts.
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
	return credential{text: text, presented: n > 0, inURL: KeyInQuery(r.URL)}
}

// hasScheme reports whether an Authorization header has a scheme, in any case.
func hasScheme(value, scheme string) bool {
	got, _, _ := strings.Cut(value, " ")
	return strings.EqualFold(got, scheme)
}

// KeyInQuery reports whether a URL's query has a key anywhere: in its names,
// its values or across them. Logs and browser histories have kept it, so it
// must be revoked.
func KeyInQuery(u *url.URL) bool {
	if u.RawQuery == "" {
		return false
	}
	decoded, _ := url.QueryUnescape(u.RawQuery) // "" when it is malformed
	return len(secret.Find(u.RawQuery+" "+decoded)) > 0
}
