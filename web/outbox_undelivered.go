package web

import (
	"context"
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/keylodge/keylodge/internal/paths"
	"github.com/keylodge/keylodge/internal/workspace"
)

// messageNotices says what is now true of a message that was given up.
var messageNotices = map[string]string{
	"retried": "The message will be sent again.", "dismissed": "The message is dismissed.",
}

// retryMessage queues a message that was given up. When there is no way to send
// it, the page says why.
func (s *Server) retryMessage(c echo.Context, v *visit) error {
	err := doThen(c, paths.General+"?message=retried", func(ctx context.Context) error {
		return s.Service.RetryMessage(ctx, v.Actor, c.Param("id"))
	})
	if e, ok := errors.AsType[*workspace.Error](err); ok && e.Kind == workspace.Conflict {
		view, err := s.generalView(c, v)
		if err != nil {
			return err
		}
		view.Errors = workspace.Fields{"message": e.Message}
		return s.renderGeneral(c, http.StatusConflict, view)
	}
	return err
}

// dismissMessage deletes a message that was given up.
func (s *Server) dismissMessage(c echo.Context, v *visit) error {
	return doThen(c, paths.General+"?message=dismissed", func(ctx context.Context) error {
		return s.Service.DismissMessage(ctx, v.Actor, c.Param("id"))
	})
}
