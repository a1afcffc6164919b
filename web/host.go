package web

import (
	"errors"

	"github.com/labstack/echo/v4"

	"github.com/keylodge/keylodge/internal/workspace"
)

// errNotSetUp and errWhichWorkspace are the errors at the base host when there
// is no workspace, or more than one.
var (
	errNotSetUp       = errors.New("there is no workspace yet")
	errWhichWorkspace = errors.New("there are several workspaces")
)

// movedError says that a workspace has a new slug.
type movedError struct{ to workspace.Workspace }

// Error implements error.
func (movedError) Error() string { return "the workspace has moved" }

// workspaceAt returns the workspace of the request's host. At the base host it
// returns the only workspace, errNotSetUp when there is none, or
// errWhichWorkspace when there are several. At an old slug it returns a
// movedError.
func (s *Server) workspaceAt(c echo.Context) (workspace.Workspace, error) {
	ctx := c.Request().Context()
	if slug := s.hosts.Slug(c.Request().Host); slug != "" {
		w, err := s.service.WorkspaceBySlug(ctx, slug)
		if workspace.KindOf(err) == workspace.NotFound {
			if w, movedErr := s.service.WorkspaceByOldSlug(ctx, slug); movedErr == nil {
				err = movedError{w}
			}
		}
		return w, err
	}
	w, err := s.service.OnlyWorkspace(ctx)
	switch workspace.KindOf(err) {
	case workspace.NotFound:
		return w, errNotSetUp
	case workspace.Conflict:
		return w, errWhichWorkspace
	}
	return w, err
}

// apiOrigin returns the origin that examples of requests use.
func (s *Server) apiOrigin(c echo.Context) string {
	return s.hosts.Origin(s.hosts.Slug(c.Request().Host))
}
