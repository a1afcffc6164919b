package api

import (
	"net/http"
	"strconv"

	"github.com/keylodge/keylodge/internal/httpguard"
	"github.com/keylodge/keylodge/internal/ratelimit"
)

// setRateLimit sets the headers that say what is left of a key's rate, if it
// has one.
func setRateLimit(h http.Header, q ratelimit.Quota) {
	if q.Rate != (ratelimit.Rate{}) {
		setNamedRateLimit(h, "key", q)
	}
}

// setNamedRateLimit sets the headers that say what is left of a rate: a key's,
// or the one for invalid keys from one IP
// (draft-ietf-httpapi-ratelimit-headers-10).
func setNamedRateLimit(h http.Header, policy string, q ratelimit.Quota) {
	policy = `"` + policy + `"`
	window, reset := httpguard.WholeSeconds(q.Rate.Window), httpguard.WholeSeconds(q.Reset)
	h["RateLimit-Policy"] = []string{policy + ";q=" + strconv.Itoa(q.Rate.Requests) + ";w=" + strconv.Itoa(window)}
	h["RateLimit"] = []string{policy + ";r=" + strconv.Itoa(q.Remaining) + ";t=" + strconv.Itoa(reset)}
}
