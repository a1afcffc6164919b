package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"regexp"
)

// scope is a scope-token (RFC 6749 section 3.3) of at most 64 characters.
var scope = regexp.MustCompile(`^[\x21\x23-\x5b\x5d-\x7e]{1,64}$`)

// Require returns middleware that passes on requests whose key is valid and has
// all of the scopes; the handler gets the identity from [FromContext]. It
// answers others with problem details (RFC 9457) and the status 401, 403 or
// 429, as Keylodge decides, or 503 when Keylodge is unavailable. Require panics
// on an invalid scope.
func (c *Client) Require(scopes ...string) func(http.Handler) http.Handler {
	for _, s := range scopes {
		if !scope.MatchString(s) {
			panic(fmt.Sprintf("client: invalid scope %q", s))
		}
	}
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			v, err := c.verification(r, scopes)
			if err != nil {
				refuse(w, err)
				return
			}
			maps.Copy(w.Header(), v.header)
			next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), contextKey{}, v.identity)))
		})
	}
}

// details are the messages for refused clients, by status.
var details = map[int]string{
	http.StatusUnauthorized:       "Send one valid key, as “Authorization: Bearer KEY” or “X-API-Key: KEY”.",
	http.StatusForbidden:          "This key may not do this, or not from this IP.",
	http.StatusTooManyRequests:    "Too many requests. Wait as long as Retry-After says.",
	http.StatusServiceUnavailable: "Keys can’t be verified right now. Try again in a moment.",
}

func refuse(w http.ResponseWriter, err error) {
	status := http.StatusServiceUnavailable
	if refusal, ok := errors.AsType[*Refusal](err); ok {
		status = refusal.Status
		maps.Copy(w.Header(), refusal.Header)
	} else {
		w.Header().Set("Retry-After", "1")
	}
	body, _ := json.Marshal(map[string]any{
		"type": "about:blank", "title": http.StatusText(status), "status": status, "detail": details[status],
	})
	w.Header().Set("Content-Type", "application/problem+json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	w.Write(body)
}
