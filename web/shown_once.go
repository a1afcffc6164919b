package web

import (
	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"github.com/keylodge/keylodge/internal/secret"
)

// renderShownOnce writes a page with a secret that no later page shows, and
// that Back must not bring back either. A page whose secret is short-lived or
// can be shown again is written by renderSecret.
func (s *Server) renderShownOnce(c echo.Context, status int, component templ.Component) error {
	s.setCookie(c, shownCookie, secret.NewToken(), 0)
	return s.renderSecret(c, status, component)
}

// shownCookie is set by a response that shows a secret and removed by the next
// page. Browsers may keep a page for Back even if it is marked no-store.
// Chromium drops a kept page when an HttpOnly cookie changes, so removing the
// cookie drops the page with the secret, even without JavaScript. (So far,
// Chromium does not keep responses to a POST at all.)
const shownCookie = "shown"

// dropShownPage removes shownCookie.
func (s *Server) dropShownPage(c echo.Context) {
	if s.cookie(c, shownCookie) != "" {
		s.setCookie(c, shownCookie, "", -1)
	}
}
