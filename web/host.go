package web

import (
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/keylodge/keylodge/internal/httpguard"
	"github.com/keylodge/keylodge/internal/workspace"
)

// errBadHost is the answer to a request whose host could be read in more than
// one way.
var errBadHost = &httpguard.Error{Status: http.StatusBadRequest,
	Message: "The host of this request is malformed. Send a host name or an IP, with at most one port."}

// errNotSetUp and errWhichWorkspace are what the base host says when it has no
// workspace or several.
var (
	errNotSetUp       = errors.New("there is no workspace yet")
	errWhichWorkspace = errors.New("there are several workspaces")
)

// movedError says that a workspace is at another address now.
type movedError struct{ to workspace.Workspace }

// Error implements error.
func (movedError) Error() string { return "the workspace has moved" }

// workspaceAt returns the workspace of the request's host, or the only one
// there is at the base host. With none yet, or several, it returns errNotSetUp
// or errWhichWorkspace; at an old address of a workspace, a movedError.
func (s *Server) workspaceAt(c echo.Context) (workspace.Workspace, error) {
	ctx := c.Request().Context()
	if slug := s.hosts.Slug(c.Request().Host); slug != "" {
		w, err := s.Service.WorkspaceBySlug(ctx, slug)
		if workspace.KindOf(err) == workspace.NotFound {
			if w, movedErr := s.Service.WorkspaceByOldSlug(ctx, slug); movedErr == nil {
				err = movedError{w}
			}
		}
		return w, err
	}
	w, err := s.Service.OnlyWorkspace(ctx)
	switch workspace.KindOf(err) {
	case workspace.NotFound:
		return w, errNotSetUp
	case workspace.Conflict:
		return w, errWhichWorkspace
	}
	return w, err
}
