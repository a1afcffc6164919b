package api

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/keylodge/keylodge/internal/httpguard"
	"github.com/keylodge/keylodge/internal/keyindex"
	"github.com/keylodge/keylodge/internal/workspace"
)

// verify answers gateways at GET /verify: 204 and who the key belongs to, or a
// refusal that tells as little as it may.
func (s *Server) verify(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		s.setHeaders(w.Header())
		w.Header().Set("Allow", "GET, HEAD")
		w.WriteHeader(http.StatusMethodNotAllowed)
		return
	}
	q := gatewayQuestion{slug: s.Hosts.Slug(r.Host), yes: http.StatusNoContent}
	var ok bool
	if q.scopes, ok = scopesInQuery(r.URL); !ok && !KeyInQuery(r.URL) { // a key there is worse, and gets its own answer
		s.refuseQuestion(w, r)
		return
	}
	s.answerGateway(w, r, q)
}

// gatewayQuestion is what a gateway wants to know about the key of a request.
type gatewayQuestion struct {
	slug   string   // the workspace that the key must be of; "" for any
	scopes []string // that the key must have
	yes    int      // the status of a yes
}

// answerGateway writes the answer to a gateway's question. A yes has no content
// for a browser to render, so it carries only the headers that matter to
// caches.
func (s *Server) answerGateway(w http.ResponseWriter, r *http.Request, q gatewayQuestion) {
	h := w.Header()
	text, presented := presentedKey(r)
	_, a, err := s.checkIn(r, q.slug, text, q.scopes)
	switch {
	case err != nil:
		s.setHeaders(h)
		w.WriteHeader(s.unprovable(h, r, err))
	case a.Decision != workspace.DecisionValid:
		s.setHeaders(h)
		w.WriteHeader(s.refuse(h, r, a, presented, q.scopes))
	default:
		h["Cache-Control"] = httpguard.NoStore
		setIdentity(h, a)
		setRateLimit(h, a.Quota)
		w.WriteHeader(q.yes)
	}
}

// refuseQuestion answers a gateway that asks for what can't be, such as a scope
// that can't exist: its configuration is wrong. It logs that at most once a
// second.
func (s *Server) refuseQuestion(w http.ResponseWriter, r *http.Request) {
	if s.badScope.Allow() {
		s.Log.Warn("gateway misconfigured: invalid scope or parameter", "path", httpguard.Path(r), "address",
			s.ClientIP(r).String())
	}
	s.setHeaders(w.Header())
	w.Header()["Www-Authenticate"] = []string{`Bearer error="invalid_request"`}
	w.WriteHeader(http.StatusBadRequest)
}

// unprovable returns the status of a check that could not be made. It logs so
// once a second at most: there may be thousands.
func (s *Server) unprovable(h http.Header, r *http.Request, err error) int {
	httpguard.SetRetryAfterOf(h, err)
	if r.Context().Err() == nil && s.unproven.Allow() {
		s.Log.Error("checks are refused", "error", err)
	}
	status, _ := httpguard.Answer(err)
	return status
}

// scopesInQuery returns the scopes that a request asks for: every ?scope=, each
// of which may hold several with spaces between them (RFC 6749 section 3.3). It
// returns false when one of them can't be a scope, an empty one for instance,
// or when the name is misspelt: whoever wrote it meant something.
func scopesInQuery(u *url.URL) (scopes []string, ok bool) {
	if u.RawQuery == "" {
		return nil, true
	}
	q, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return nil, false
	}
	for name := range q {
		if name != "scope" && (strings.EqualFold(name, "scope") || strings.EqualFold(name, "scopes")) {
			return nil, false // it would be passed over, and let through what was to be held back
		}
	}
	for _, value := range q["scope"] {
		for scope := range strings.SplitSeq(value, " ") {
			if !workspace.ValidScope(scope) {
				return nil, false
			}
			scopes = append(scopes, scope)
		}
	}
	return scopes, true
}

// insufficientScope is the challenge of RFC 6750 section 3.1. A scope has no
// character that a quoted text can't.
func insufficientScope(scopes []string) string {
	if len(scopes) == 0 {
		return `Bearer error="insufficient_scope"`
	}
	return `Bearer error="insufficient_scope", scope="` + strings.Join(scopes, " ") + `"`
}

// setIdentity writes who a key is. The names are in the form that net/http
// gives them, so that none is canonicalised again, and the values share one
// array.
func setIdentity(h http.Header, a keyindex.Result) {
	var buf [40]byte
	values := []string{
		a.Owner.Workspace.Slug, a.Owner.UserID, string(a.Owner.Role), scopeText(a.Limits),
		string(workspace.AppendKeyID(buf[:0], a.KeyID)), headerSafe(a.KeyName),
	}
	h["X-Keylodge-Workspace"], h["X-Keylodge-User"], h["X-Keylodge-Role"] = values[0:1:1], values[1:2:2], values[2:3:3]
	h["X-Keylodge-Scopes"], h["X-Keylodge-Key-Id"], h["X-Keylodge-Key-Name"] = values[3:4:4], values[4:5:5], values[5:6:6]
}

// scopeText is empty for a key with full access.
func scopeText(l *keyindex.Limits) string {
	if l == nil {
		return ""
	}
	return l.ScopeText
}

const hexDigits = "0123456789ABCDEF"

// headerSafe percent-encodes (RFC 3986 section 2.1) what a header can't carry
// as it is: "%", control characters, and every byte of a character outside
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
