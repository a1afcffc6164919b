package api

import (
	"net/http"
	"strings"

	"github.com/keylodge/keylodge/internal/hosts"
	"github.com/keylodge/keylodge/internal/paths"
)

// Headers that Envoy's configuration sets, instead of the query of /verify.
// Envoy overwrites what a client sends under their names. They can only
// restrict which keys are accepted.
const (
	scopeHeader     = "X-Keylodge-Scope"
	workspaceHeader = "X-Keylodge-Workspace"
)

// isEnvoyPath reports whether Envoy's ext_authz filter sends requests to a
// path: the prefix, followed by the path of the client's request.
func isEnvoyPath(path string) bool {
	rest, found := strings.CutPrefix(path, paths.Envoy)
	return found && (rest == "" || rest[0] == '/')
}

// verifyEnvoy answers Envoy's ext_authz filter over HTTP, which keeps the
// client's method, path, query and host, and expects 200 for a valid key. The
// method, the path and the query mean nothing here, and neither does a body. A
// key in the client's query is refused as everywhere.
func (s *Server) verifyEnvoy(w http.ResponseWriter, r *http.Request) {
	v, ok := envoyRequirement(r.Header)
	if !ok {
		s.refuseMisconfigured(w, r)
		return
	}
	switch slug := s.Hosts.Slug(r.Host); {
	case v.slug == "":
		v.slug = slug // the host of a workspace accepts only its own keys here too
	case slug != "" && slug != v.slug:
		v.slug = hosts.NoWorkspace
	}
	s.answerGateway(w, r, &v, http.StatusOK)
}

// envoyRequirement reads what Envoy's configuration requires of keys. It
// returns false when a header is invalid or its name is misspelled: ignoring it
// would accept keys that the configuration means to refuse.
func envoyRequirement(h http.Header) (v verification, ok bool) {
	for name, values := range h {
		switch {
		case name == scopeHeader:
			for _, value := range values {
				if v.scopes, ok = appendScopesOf(v.scopes, value); !ok {
					return v, false
				}
			}
		case name == workspaceHeader:
			if v.slug = values[0]; len(values) > 1 || v.slug == "" {
				return v, false
			}
		case strings.HasPrefix(name, "X-Keylodge-"):
			return v, false
		}
	}
	return v, true
}
