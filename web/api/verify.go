package api

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/keylodge/keylodge/internal/httpguard"
	"github.com/keylodge/keylodge/internal/keyindex"
	"github.com/keylodge/keylodge/internal/workspace"
)

// verifyGateway answers gateways at GET /verify: 204 and the owner of the key,
// or a refusal that tells as little as possible.
func (s *Server) verifyGateway(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		s.setHeaders(w.Header())
		w.Header().Set("Allow", "GET, HEAD")
		w.WriteHeader(http.StatusMethodNotAllowed)
		return
	}
	v := verification{slug: s.Hosts.Slug(r.Host)}
	var ok bool
	v.scopes, ok = scopesInQuery(r.URL)
	if !ok && !KeyInQuery(r.URL) { // a key in the URL is worse, and is refused as such
		s.refuseMisconfigured(w, r)
		return
	}
	s.answerGateway(w, r, &v, http.StatusNoContent)
}

// answerGateway verifies the key that a gateway's request presents. valid is
// the status for a valid key. That response has no content for a browser to
// render, so it carries only the headers that matter to caches.
func (s *Server) answerGateway(w http.ResponseWriter, r *http.Request, v *verification, valid int) {
	h := w.Header()
	v.credential = presentedCredential(r)
	err := s.verify(r, v)
	switch {
	case err != nil:
		s.setHeaders(h)
		w.WriteHeader(s.unavailable(h, r, err))
	case !v.valid():
		s.setHeaders(h)
		w.WriteHeader(s.refuse(h, r, v))
	default:
		h["Cache-Control"] = httpguard.NoStore
		setIdentity(h, &v.result)
		setRateLimit(h, v.result.Quota)
		w.WriteHeader(valid)
	}
}

// refuseMisconfigured answers a gateway whose configuration is wrong: it
// requires a scope that can't exist, for instance. It logs that at most once
// per second.
func (s *Server) refuseMisconfigured(w http.ResponseWriter, r *http.Request) {
	if s.misconfigured.Allow() {
		s.Log.Warn("gateway misconfigured: invalid host, scope or parameter", "path", httpguard.Path(r),
			"ip", s.ClientIP(r).String())
	}
	s.setHeaders(w.Header())
	w.Header()["Www-Authenticate"] = invalidRequest
	w.WriteHeader(http.StatusBadRequest)
}

// unavailable returns the status of a verification that failed. It logs that at
// most once per second: there may be thousands.
func (s *Server) unavailable(h http.Header, r *http.Request, err error) int {
	httpguard.SetRetryAfterOf(h, err)
	if r.Context().Err() == nil && s.failing.Allow() {
		s.Log.Error("verification failing", "error", err)
	}
	status, _ := httpguard.Answer(err)
	return status
}

// scopesInQuery returns the scopes that a request requires: every ?scope=, each
// of which may have several with spaces between them (RFC 6749 section 3.3). It
// returns false when one of them can't be a scope, such as an empty one, and
// for any other parameter, since it may be a misspelled one.
func scopesInQuery(u *url.URL) (scopes []string, ok bool) {
	if u.RawQuery == "" {
		return nil, true
	}
	q, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return nil, false
	}
	for name := range q {
		if name != "scope" {
			return nil, false // ignoring a misspelled one would accept keys without the scope
		}
	}
	for _, value := range q["scope"] {
		if scopes, ok = appendScopesOf(scopes, value); !ok {
			return nil, false
		}
	}
	return scopes, true
}

// appendScopesOf appends the scopes in a text, with single spaces between them.
// It returns false when one of them can't be a scope.
func appendScopesOf(scopes []string, text string) (all []string, ok bool) {
	for scope := range strings.SplitSeq(text, " ") {
		if !workspace.ValidScope(scope) {
			return nil, false
		}
		scopes = append(scopes, scope)
	}
	return scopes, true
}

// identityHeaders say which key was presented. The names are in the form that
// net/http gives them, so that none is canonicalized again.
var identityHeaders = [...]string{
	"X-Keylodge-Workspace", "X-Keylodge-User", "X-Keylodge-Role", "X-Keylodge-Scopes", "X-Keylodge-Key-Id",
	"X-Keylodge-Key-Name",
}

// setIdentity sets the identityHeaders. Their values share one array.
func setIdentity(h http.Header, result *keyindex.Result) {
	var buf [40]byte
	values := []string{
		result.Owner.Workspace.Slug, result.Owner.UserID, string(result.Owner.Role), scopeText(result.Limits),
		string(workspace.AppendKeyID(buf[:0], result.KeyID)), headerSafe(result.KeyName),
	}
	for i, name := range identityHeaders {
		h[name] = values[i : i+1 : i+1]
	}
}

// scopeText returns the scopes of a key, with spaces between them. It is empty
// for a key with full access.
func scopeText(l *keyindex.Limits) string {
	if l == nil {
		return ""
	}
	return l.ScopeText
}

const hexDigits = "0123456789ABCDEF"

// headerSafe percent-encodes (RFC 3986 section 2.1) what a header can't carry
// as it is, and "%": control characters, and every byte of a character outside
// ASCII.
func headerSafe(name string) string {
	unsafe := func(b byte) bool { return b < ' ' || b > '~' || b == '%' }
	i := 0
	for i < len(name) && !unsafe(name[i]) {
		i++
	}
	if i == len(name) {
		return name
	}
	var out strings.Builder
	out.WriteString(name[:i])
	for ; i < len(name); i++ {
		if b := name[i]; unsafe(b) {
			out.Write([]byte{'%', hexDigits[b>>4], hexDigits[b&15]})
		} else {
			out.WriteByte(b)
		}
	}
	return out.String()
}
