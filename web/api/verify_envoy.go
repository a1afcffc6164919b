package api

import (
	"net/http"
	"strings"

	"github.com/keylodge/keylodge/internal/hosts"
	"github.com/keylodge/keylodge/internal/paths"
	"github.com/keylodge/keylodge/internal/workspace"
)

// Headers that Envoy's configuration sets, in place of the query of /verify.
// Envoy overwrites what a client sends under their names. They can only narrow
// what is accepted.
const (
	scopeHeader     = "X-Keylodge-Scope"
	workspaceHeader = "X-Keylodge-Workspace"
)

// isEnvoyPath reports whether a path is one that Envoy's ext_authz filter asks
// at: the prefix, and behind it the path of the client, whatever that is.
func isEnvoyPath(path string) bool {
	rest, found := strings.CutPrefix(path, paths.Envoy)
	return found && (rest == "" || rest[0] == '/')
}

// verifyEnvoy answers Envoy's ext_authz filter over HTTP, which keeps the
// client's method, path, query and host, and takes 200 for a yes. None of these
// is read as a question, and neither is a body. A key in the client's query is
// refused as everywhere.
func (s *Server) verifyEnvoy(w http.ResponseWriter, r *http.Request) {
	q, ok := envoyQuestion(r.Header)
	if !ok {
		s.refuseQuestion(w, r)
		return
	}
	switch slug := s.Hosts.Slug(r.Host); {
	case q.slug == "":
		q.slug = slug // a workspace's own host knows only its own keys here too
	case slug != "" && slug != q.slug:
		q.slug = hosts.NoSlug
	}
	s.answerGateway(w, r, q)
}

// envoyQuestion reads what Envoy's configuration asks for. It returns false
// when that can't be, or when the name of a header is wrong: passing over it
// would let through what was to be refused.
func envoyQuestion(h http.Header) (q gatewayQuestion, ok bool) {
	q.yes = http.StatusOK
	for name, values := range h {
		switch {
		case name == scopeHeader:
			for _, value := range values {
				for scope := range strings.SplitSeq(value, " ") {
					if !workspace.ValidScope(scope) {
						return q, false
					}
					q.scopes = append(q.scopes, scope)
				}
			}
		case name == workspaceHeader:
			if q.slug = values[0]; len(values) > 1 || q.slug == "" {
				return q, false
			}
		case strings.HasPrefix(name, "X-Keylodge-"):
			return q, false
		}
	}
	return q, true
}
