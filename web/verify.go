package web

import (
	"net/http"
	"strings"

	"github.com/keylodge/keylodge/keyindex"
	"github.com/keylodge/keylodge/workspace"
)

// check asks the index about the key that a request presents. A workspace's own host knows only its own keys.
func (s *Server) check(r *http.Request) (keyindex.Identity, workspace.Decision, error) {
	text, _ := presentedKey(r)
	secret, ok := workspace.ParseSecret(text)
	if !ok || keyInQuery(r.URL) {
		return keyindex.Identity{}, workspace.DecisionMalformed, nil
	}
	return s.Index.Check(r.Context(), secret, s.hosts.slug(r.Host), s.Service.Now(), s.address.of(r))
}

var (
	noStore      = []string{"no-store"}
	invalidToken = []string{`Bearer error="invalid_token"`} // RFC 6750 section 3.1
)

// verify answers gateways: 204 and who the key is, or 401. Every refusal looks the same. A 204 has no content
// for a browser to render, so it carries only the headers that matter to caches.
func (s *Server) verify(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		s.setSecurityHeaders(h)
		h.Set("Allow", "GET, HEAD")
		w.WriteHeader(http.StatusMethodNotAllowed)
		return
	}
	id, decision, err := s.check(r)
	switch {
	case err != nil:
		s.setSecurityHeaders(h)
		setRetryAfter(h, err)
		if r.Context().Err() == nil && s.unproven.now() { // not once a check: there may be thousands a second
			s.Log.Error("checks are refused", "error", err)
		}
		w.WriteHeader(answerFor(err).status)
	case decision != workspace.DecisionValid:
		s.setSecurityHeaders(h)
		h["Www-Authenticate"] = invalidToken
		w.WriteHeader(http.StatusUnauthorized)
	default:
		h["Cache-Control"] = noStore
		setIdentity(h, id)
		w.WriteHeader(http.StatusNoContent)
	}
}

// setIdentity writes who a key is. The names are in the form that net/http gives them, so that none is
// canonicalised again, and the values share one array.
func setIdentity(h http.Header, id keyindex.Identity) {
	var buf [40]byte
	values := []string{
		id.Owner.WorkspaceSlug, id.Owner.UserID, string(id.Owner.Role), "",
		string(workspace.AppendKeyID(buf[:0], id.KeyID)), headerSafe(id.KeyName),
	}
	h["X-Keylodge-Workspace"], h["X-Keylodge-User"], h["X-Keylodge-Role"] = values[0:1:1], values[1:2:2], values[2:3:3]
	h["X-Keylodge-Scopes"], h["X-Keylodge-Key-Id"], h["X-Keylodge-Key-Name"] = values[3:4:4], values[4:5:5], values[5:6:6]
}

const hexDigits = "0123456789ABCDEF"

// headerSafe percent-encodes (RFC 3986 section 2.1) what a header can't carry as it is: "%", control
// characters, and every byte of a character outside ASCII.
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
