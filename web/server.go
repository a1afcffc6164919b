// Package web is Keylodge over HTTP: the pages that people use. What programs
// use is in package api.
//
// Handlers return errors; one function turns them into a page or a
// fragment. Pages are rendered to a buffer and then written, so that a
// failure never leaves half a page.
package web

import (
	"io"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"time"

	"github.com/gorilla/sessions"
	"github.com/labstack/echo/v4"

	"github.com/keylodge/keylodge/internal/hosts"
	"github.com/keylodge/keylodge/internal/httpguard"
	"github.com/keylodge/keylodge/internal/keyindex"
	"github.com/keylodge/keylodge/internal/leaks"
	"github.com/keylodge/keylodge/internal/oidc"
	"github.com/keylodge/keylodge/internal/ratelimit"
	"github.com/keylodge/keylodge/internal/workspace"
	"github.com/keylodge/keylodge/web/api"
)

// Config configures a Server.
type Config struct {
	Service        *workspace.Service
	Index          *keyindex.Index
	BaseURL        *url.URL       // scheme and host of the installation; https makes cookies Secure and sets HSTS
	TrustedProxies []netip.Prefix // proxies whose X-Forwarded-For is trusted
	GitHub         *leaks.GitHub  // verifies leak reports; nil: GitHub sends none
	LocalIssuers   bool           // allow identity providers on this machine and private networks, without TLS
	FailureLimit   ratelimit.Rate // invalid keys that a client IP may present; zero: no limit
	Log            *slog.Logger
}

// Server answers every request of an installation.
type Server struct {
	service    *workspace.Service
	index      *keyindex.Index
	log        *slog.Logger
	hosts      hosts.Base
	clientIP   func(*http.Request) netip.Addr
	sessions   sessions.Store
	api        *api.Server
	pages      *echo.Echo
	ceremonies *httpguard.IPLimit // how many passkey and provider sign-ins an IP begins
	providers  *oidc.Client
}

// ceremonyLimit is how many passkey and provider sign-ins a client IP may
// begin.
var ceremonyLimit = ratelimit.Rate{Requests: 100, Window: time.Minute}

// New returns a server.
func New(c Config) *Server {
	s := &Server{
		service: c.Service, index: c.Index, log: c.Log,
		hosts: hosts.NewBase(c.BaseURL), clientIP: httpguard.ClientIP(c.TrustedProxies),
		ceremonies: httpguard.NewIPLimit(ceremonyLimit), providers: oidc.NewClient(c.LocalIssuers),
	}
	s.sessions = &sessionStore{service: c.Service, secure: s.secure()}
	s.api = api.New(api.Config{
		Service: c.Service, Index: c.Index, Hosts: s.hosts, ClientIP: s.clientIP, GitHub: c.GitHub,
		FailureLimit: c.FailureLimit, SignedIn: s.signedInMember, Log: c.Log,
	})
	s.pages = s.newEcho()
	for _, r := range routes {
		handler := r.handler(s)
		s.pages.Add(r.method, r.path, handler)
		if r.method == http.MethodGet { // net/http drops the body
			s.pages.Add(http.MethodHead, r.path, handler)
		}
	}
	return s
}

// ServeHTTP serves the API and, by Echo, the pages. It refuses a malformed host
// with status 400, so that handlers can rely on [hosts.Base.Slug].
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case api.Serves(r.URL.Path):
		s.api.ServeHTTP(w, r)
	case !hosts.ValidRequest(r):
		s.answerOffRoute(w, r, httpguard.ErrBadHost)
	default:
		s.pages.ServeHTTP(w, r)
	}
}

// answerOffRoute answers a request with an error, and logs it, without looking
// for a route.
func (s *Server) answerOffRoute(w http.ResponseWriter, r *http.Request, err error) {
	c := s.pages.AcquireContext()
	defer s.pages.ReleaseContext(c)
	c.Reset(r, w)
	s.handle(c, func() error { return err })
}

func (s *Server) newEcho() *echo.Echo {
	e := echo.New()
	e.Logger.SetOutput(io.Discard) // Keylodge logs to slog
	e.Use(s.middleware)
	return e
}

func (s *Server) secure() bool { return s.hosts.IsHTTPS() }
