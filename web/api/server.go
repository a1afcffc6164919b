// Package api is the part of Keylodge that programs use over HTTP: the
// verification of keys for gateways and services, token introspection, and the
// JSON API below /api/.
package api

import (
	"log/slog"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/keylodge/keylodge/internal/hosts"
	"github.com/keylodge/keylodge/internal/httpguard"
	"github.com/keylodge/keylodge/internal/keyindex"
	"github.com/keylodge/keylodge/internal/leaks"
	"github.com/keylodge/keylodge/internal/paths"
	"github.com/keylodge/keylodge/internal/ratelimit"
	"github.com/keylodge/keylodge/internal/workspace"
)

// Config is what a Server needs.
type Config struct {
	Service      *workspace.Service
	Index        *keyindex.Index
	Hosts        hosts.Base
	ClientIP     func(*http.Request) netip.Addr
	GitHub       *leaks.GitHub  // verifies reports of leaked keys; nil: GitHub reports none
	FailureLimit ratelimit.Rate // of invalid keys from one IP; zero: no limit
	Log          *slog.Logger

	// SignedIn returns the member who is signed in with the cookies of a
	// request, and the workspace. Its error has kind Unauthenticated when
	// there is none.
	SignedIn func(http.ResponseWriter, *http.Request) (workspace.Workspace, workspace.Member, error)
}

// Server answers the requests of programs. It is safe for concurrent use.
type Server struct {
	Config
	failures      *httpguard.IPLimit      // of invalid keys
	failing       httpguard.OncePerSecond // limits the log of verifications that fail
	misconfigured httpguard.OncePerSecond // limits the log of misconfigured gateways
}

// New returns a Server that is ready to answer.
func New(c Config) *Server {
	return &Server{
		Config:   c,
		failures: httpguard.NewIPLimit(c.FailureLimit),
	}
}

// Serves reports whether the Server answers at a path.
func Serves(path string) bool {
	return path == paths.Verify || strings.HasPrefix(path, paths.API) || isEnvoyPath(path)
}

// ServeHTTP answers verifications first: they are nearly all requests.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path := r.URL.Path
	forGateway := path == paths.Verify || isEnvoyPath(path)
	switch {
	case !hosts.ValidRequest(r) && forGateway:
		s.refuseMisconfigured(w, r)
	case !hosts.ValidRequest(r):
		s.answer(w, r, func() (any, error) { return nil, httpguard.ErrBadHost })
	case path == paths.Verify:
		s.verifyGateway(w, r)
	case forGateway:
		s.verifyEnvoy(w, r)
	case path == paths.VerifyJSON:
		s.answerVerification(w, r, s.verifyJSON)
	case path == paths.Introspect:
		s.answerVerification(w, r, s.introspect)
	default:
		s.answer(w, r, func() (any, error) { return s.route(w, r) })
	}
}

func (s *Server) setHeaders(h http.Header) { httpguard.SetSecurityHeaders(h, s.Hosts.IsHTTPS()) }

// Stranger returns the actor of a request whose sender is not known yet. h is
// the header of the response, which has the request's id.
func (s *Server) Stranger(h http.Header, r *http.Request) workspace.Actor {
	return workspace.Actor{
		Kind: workspace.ActorStranger, IP: s.ClientIP(r).String(), Slug: s.Hosts.Slug(r.Host),
		UserAgent: httpguard.Redact(r.UserAgent()), RequestID: h.Get(httpguard.RequestIDHeader),
	}
}

// logRequest writes the log line of a request. Verifications that failed
// because the database is unavailable are logged at most once per second: there
// may be thousands.
func (s *Server) logRequest(w http.ResponseWriter, r *http.Request, status int, began time.Time, err error) {
	verifies := r.URL.Path == paths.VerifyJSON || r.URL.Path == paths.Introspect
	if verifies && workspace.KindOf(err) == workspace.Unavailable && !s.failing.Allow() {
		return
	}
	httpguard.Line{
		Request: r, ID: w.Header().Get(httpguard.RequestIDHeader), IP: s.ClientIP(r),
		Status: status, Took: time.Since(began), Err: err,
	}.Log(s.Log)
}
