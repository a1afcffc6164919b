package web

import (
	"context"
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/keylodge/keylodge/internal/paths"
	"github.com/keylodge/keylodge/internal/workspace"
)

// disableKey stops a key until enableKey.
func (s *Server) disableKey(p *pageContext) error {
	return switchKey(p, "disabled", func(ctx context.Context, id string) (workspace.ListedKey, error) {
		return s.Service.DisableKey(ctx, p.Actor, id)
	})
}

func (s *Server) enableKey(p *pageContext) error {
	return switchKey(p, "enabled", func(ctx context.Context, id string) (workspace.ListedKey, error) {
		return s.Service.EnableKey(ctx, p.Actor, id)
	})
}

// switchKey disables or enables the key of a route and goes to its page, which
// says that this was done, or that the key was revoked in the meantime.
func switchKey(c echo.Context, done string, do func(context.Context, string) (workspace.ListedKey, error)) error {
	if _, err := readForm(c); err != nil {
		return err
	}
	key, err := do(c.Request().Context(), c.Param("id"))
	if err != nil {
		return err
	}
	if !key.RevokedAt.IsZero() {
		done = "revoked"
	}
	return c.Redirect(http.StatusSeeOther, withNotice(paths.Key(key.ID), done))
}
