package web

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/keylodge/keylodge/internal/keyindex"
	"github.com/keylodge/keylodge/internal/secret"
	"github.com/keylodge/keylodge/internal/workspace"
)

// revokeHeldKey revokes the key whose live secret is presented, whatever state
// the key is in: anyone who finds a leaked key can end it at once. A retired
// secret is answered like one that never existed.
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
	if a.Found {
		presented, _ := secret.Parse(text)
		actor := s.stranger(c)
		actor.WorkspaceID = a.Owner.Workspace.ID
		err = s.Service.RevokeHeldKey(r.Context(), actor, presented)
	}
	if !a.Found || workspace.KindOf(err) == workspace.NotFound {
		return refusals[s.refuse(c.Response().Header(), r, keyindex.Answer{Decision: workspace.DecisionNotFound}, true,
			nil)]
	}
	if err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}
