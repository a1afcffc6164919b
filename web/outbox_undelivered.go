package web

import (
	"context"
	"errors"
	"net/http"

	"github.com/keylodge/keylodge/internal/paths"
	"github.com/keylodge/keylodge/internal/workspace"
)

// retryMessage queues an undelivered message again. If there is no way to send
// it, the page says why.
func (s *Server) retryMessage(p *pageContext) error {
	err := doThen(p, withNotice(paths.General, "message-retried"), func(ctx context.Context) error {
		return s.service.RetryMessage(ctx, p.Actor, p.Param("id"))
	})
	if e, ok := errors.AsType[*workspace.Error](err); ok && e.Kind == workspace.Conflict {
		view, err := s.settingsView(p)
		if err != nil {
			return err
		}
		view.Errors = workspace.Fields{"message": e.Message}
		return s.renderSettings(p, http.StatusConflict, view)
	}
	return err
}

// dismissMessage deletes an undelivered message.
func (s *Server) dismissMessage(p *pageContext) error {
	return doThen(p, withNotice(paths.General, "message-dismissed"), func(ctx context.Context) error {
		return s.service.DismissMessage(ctx, p.Actor, p.Param("id"))
	})
}
