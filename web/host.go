package web

import (
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/keylodge/keylodge/internal/httpguard"
	"github.com/keylodge/keylodge/internal/workspace"
)

// errBadHost is the error for a request whose host could be read in more than
// one way.
var errBadHost = &httpguard.Error{Status: http.StatusBadRequest,
	Message: "The host of this request is malformed. Send a host name or an IP, with at most one port."}

// errNotSetUp and errWhichWorkspace are what the base host says when it has no
// workspace or several.
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
