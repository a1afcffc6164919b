package api

import (
	"net/http"
	"slices"
	"strings"

	"github.com/keylodge/keylodge/internal/httpguard"
	"github.com/keylodge/keylodge/internal/paths"
	"github.com/keylodge/keylodge/internal/workspace"
)

// handler answers a request: it may set headers, and returns the body, which is
// sent as JSON; nil is 204.
type handler func(s *Server, w http.ResponseWriter, r *http.Request) (any, error)

// Route is one method of one path.
type Route struct {
	Method, Path string
	handle       handler
}

// routes is the table of the API's routes, except those that verify keys.
var routes = []Route{
	{http.MethodGet, paths.Me, (*Server).me},
	{http.MethodDelete, paths.HeldKey, (*Server).revokeHeldKey},
	{http.MethodPost, paths.Leaks, (*Server).reportLeaks},
}

// Routes returns every route of the API except those that verify keys.
func Routes() []Route { return slices.Clone(routes) }

// route runs the handler of a request. A path with needless escapes has none.
func (s *Server) route(w http.ResponseWriter, r *http.Request) (any, error) {
	method := r.Method
	if method == http.MethodHead { // net/http leaves the body out
		method = http.MethodGet
	}
	var allowed []string
	for _, route := range routes {
		if route.Path != r.URL.Path || r.URL.RawPath != "" {
			continue
		}
		if route.Method == method {
			return s.admitted(w, r, route.handle)
		}
		allowed = append(allowed, route.Method)
	}
	if allowed == nil {
		return nil, workspace.ErrNotFound
	}
	if slices.Contains(allowed, http.MethodGet) {
		allowed = append(allowed, http.MethodHead)
	}
	w.Header().Set("Allow", strings.Join(allowed, ", "))
	return nil, &httpguard.Error{Status: http.StatusMethodNotAllowed}
}

// admitted runs a handler if the request may reach it.
func (s *Server) admitted(w http.ResponseWriter, r *http.Request, handle handler) (body any, err error) {
	defer httpguard.Recover(&err)
	if err := httpguard.Admit(w, r); err != nil {
		return nil, err
	}
	return handle(s, w, r)
}
