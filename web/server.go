// Package web is Keylodge over HTTP: the pages that people use, and the checks
// that programs ask for.
//
// Handlers return errors; one function turns them into a page, a fragment or
// problem+json. Pages are rendered to a buffer and then written, so that a
// failure never leaves half a page.
package web

import (
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"time"

	"github.com/gorilla/sessions"
	"github.com/labstack/echo/v4"

	"github.com/keylodge/keylodge/internal/keyindex"
	"github.com/keylodge/keylodge/internal/leaks"
	"github.com/keylodge/keylodge/internal/oidc"
	"github.com/keylodge/keylodge/internal/ratelimit"
	"github.com/keylodge/keylodge/internal/workspace"
)

// Config is what a Server needs.
type Config struct {
	Service        *workspace.Service
	Index          *keyindex.Index
	BaseURL        *url.URL       // scheme and host of the installation; https makes cookies Secure and sets HSTS
	TrustedProxies []netip.Prefix // whose X-Forwarded-For is believed; nobody's by default
	GitHub         *leaks.GitHub  // who may report keys that have leaked
	// identity providers may be on this machine, also without TLS, and on
	// private networks
	LocalIssuers bool
	FailureLimit ratelimit.Rate // how many keys that are not good an address may present; zero: any number
	Log          *slog.Logger
}

// Server answers every request of an installation.
type Server struct {
	Config
	hosts      hosts
	address    addressOf
	sessions   sessions.Store
	forgery    *http.CrossOriginProtection
	pages      *echo.Echo // everything but checks
	failures   *failures
	ceremonies *failures // begun by strangers
	providers  *oidc.Client
	unproven   seldom // a check that was refused is logged
	badScope   seldom // a gateway’s mistake is logged
}

// ceremonyLimit is how many sign-ins an address may begin that keep something
// until they are finished.
var ceremonyLimit = ratelimit.Rate{Requests: 100, Window: time.Minute}

// New returns a server that is ready to answer.
func New(c Config) *Server {
	s := &Server{Config: c, hosts: newHosts(c.BaseURL), address: newAddressOf(c.TrustedProxies),
		failures: newFailures(c.FailureLimit), ceremonies: newFailures(ceremonyLimit),
		providers: oidc.NewClient(c.LocalIssuers), forgery: http.NewCrossOriginProtection()}
	s.sessions = &sessionStore{service: c.Service, secure: s.secure()}
	s.pages = s.newEcho()
	for _, r := range routes {
		handler := r.handler(s)
		s.pages.Add(r.method, r.path, handler)
		if r.method == http.MethodGet { // net/http leaves the body out
			s.pages.Add(http.MethodHead, r.path, handler)
		}
	}
	return s
}

// ServeHTTP answers verifications without a router or middleware, and
// everything else by Echo. It refuses a malformed host with 400, so that
// handlers can rely on what [hosts.slug] returns.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !hasGoodHost(r) {
		s.answerAlone(w, r, errBadHost)
		return
	}
	switch r.URL.Path {
	case verifyPath:
		s.verify(w, r)
	case verifyJSONPath:
		s.answerCheck(w, r, s.verifyJSON)
	case introspectPath:
		s.answerCheck(w, r, s.introspect)
	default:
		if isEnvoyPath(r.URL.Path) {
			s.verifyEnvoy(w, r)
			return
		}
		s.pages.ServeHTTP(w, r)
	}
}

func (s *Server) newEcho() *echo.Echo {
	e := echo.New()
	e.HTTPErrorHandler = s.answerError
	e.IPExtractor = s.address.echo
	e.Logger.SetOutput(discard{})
	e.Use(s.pageFrame)
	return e
}

func (s *Server) secure() bool { return s.BaseURL.Scheme == "https" }

// discard silences Echo's own logger: what matters goes to slog.
type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }
