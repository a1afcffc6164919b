package web

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/keylodge/keylodge/internal/paths"
	"github.com/keylodge/keylodge/internal/workspace"
	"github.com/keylodge/keylodge/templates"
)

// setWebhook says where programs are told of keys, and shows the secret that
// messages are signed with.
func (s *Server) setWebhook(c echo.Context, v *visit) error {
	f, err := readForm(c)
	if err != nil {
		return err
	}
	url := f.Get("webhook")
	secret, err := s.Service.SetWebhook(c.Request().Context(), v.Actor, url)
	if wrong := wrongFields(err); wrong != nil {
		view, err := s.generalView(c, v)
		if err != nil {
			return err
		}
		view.Webhook, view.Errors = url, wrong
		forgetKeys(&view.Webhook)
		return s.renderGeneral(c, http.StatusUnprocessableEntity, view)
	}
	if err != nil {
		return err
	}
	if secret == "" {
		return c.Redirect(http.StatusSeeOther, paths.General+"?saved=1")
	}
	return s.renderShownOnce(c, http.StatusOK, templates.WebhookPage(s.frame(v, "The webhook’s secret"), url, secret))
}

// addDelivery adds the webhook and the messages that were given up to the page,
// for those who may see them.
func (s *Server) addDelivery(c echo.Context, v *visit, view *templates.GeneralView) error {
	if !v.Member.Role.May(workspace.ManagePolicies) {
		return nil
	}
	w, err := s.Service.Webhook(c.Request().Context(), v.Actor)
	if err != nil {
		return err
	}
	view.Webhook, view.WebhookOffAt = w.URL, w.OffAt
	view.Undelivered, err = s.Service.UndeliveredMessages(c.Request().Context(), v.Actor)
	return err
}
