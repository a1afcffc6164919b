package web

import (
	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"github.com/keylodge/keylodge/internal/secret"
)

// renderShownOnce writes a page with a secret that no other page shows.
func (s *Server) renderShownOnce(c echo.Context, status int, component templ.Component) error {
	s.setCookie(c, shownCookie, secret.NewToken(), 0)
	return s.renderSecret(c, status, component)
}

// shownCookie is set by a response that shows a secret and removed by the next
// page. Browsers may keep a page for Back even if it is marked no-store.
// Chromium does not keep a response to a POST so far, and it drops a kept page
// when an HttpOnly cookie changes. So removing the cookie drops the page with
// the secret, also without JavaScript.
const shownCookie = "shown"

func (s *Server) hideShownKey(c echo.Context) {
	if s.cookie(c, shownCookie) != "" {
		s.setCookie(c, shownCookie, "", -1)
	}
}
