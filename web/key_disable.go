package web

import (
	"context"
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/keylodge/keylodge/internal/paths"
	"github.com/keylodge/keylodge/internal/workspace"
)

// disableKey disables a key.
func (s *Server) disableKey(p *pageContext) error {
	return switchKey(p, "disabled", func(ctx context.Context, id string) (workspace.ListedKey, error) {
		return s.service.DisableKey(ctx, p.Actor, id)
	})
}

func (s *Server) enableKey(p *pageContext) error {
	return switchKey(p, "enabled", func(ctx context.Context, id string) (workspace.ListedKey, error) {
		return s.service.EnableKey(ctx, p.Actor, id)
	})
}

// switchKey disables or enables a key and redirects to its page. The notice
// there says what was done, or that the key has been revoked meanwhile.
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
