package web

import (
	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"github.com/keylodge/keylodge/internal/secret"
)

// renderShownOnce writes a component with something that no other page shows.
func (s *Server) renderShownOnce(c echo.Context, status int, component templ.Component) error {
	s.setCookie(c, shownCookie, secret.NewToken(), 0)
	return s.renderSecret(c, status, component)
}

// shownCookie is in the browser from the answer that shows a key, or the like,
// to the next page. A browser may keep a page for Back even when it is marked
// no-store. Chromium keeps none that answers a POST, so far; and it drops one
// that it has kept when an HttpOnly cookie changes after it. So the next page
// takes this cookie away, and with it, also where there is no JavaScript,
// whatever a browser has kept of the page before.
const shownCookie = "shown"

func (s *Server) hideShownKey(c echo.Context) {
	if s.cookie(c, shownCookie) != "" {
		s.setCookie(c, shownCookie, "", -1)
	}
}
