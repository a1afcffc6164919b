package web

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/keylodge/keylodge/workspace"
)

// revokeHeldKey lets whoever holds a key revoke it, in whatever state it is: who finds one that leaked can end it at once.
func (s *Server) revokeHeldKey(c echo.Context) error {
	r := c.Request()
	text, presented := presentedKey(r)
	if !presented || keyInQuery(r.URL) {
		c.Response().Header()["Www-Authenticate"] = challenge(r, presented)
		return errNoKey
	}
	_, a, err := s.check(r, text, nil)
	if err != nil {
		return err
	}
	if !a.Found {
		return refusals[s.refuse(c.Response().Header(), r, a, true, nil)]
	}
	actor := s.stranger(c)
	actor.WorkspaceID = a.Owner.Workspace.ID
	if err := s.Service.RevokeHeldKey(r.Context(), actor, string(workspace.AppendKeyID(nil, a.KeyID))); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}
