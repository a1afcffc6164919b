package web

import (
	"net/http"

	"github.com/keylodge/keylodge/internal/paths"
	"github.com/keylodge/keylodge/internal/workspace"
	"github.com/keylodge/keylodge/templates"
)

// setWebhook sets the URL of the webhook and shows the secret that signs its
// messages.
func (s *Server) setWebhook(p *pageContext) error {
	f, err := readForm(p)
	if err != nil {
		return err
	}
	url := f.Get("webhook")
	secret, err := s.service.SetWebhook(p.ctx(), p.Actor, url)
	if wrong := wrongFields(err); wrong != nil {
		view, err := s.settingsView(p)
		if err != nil {
			return err
		}
		view.Webhook, view.Errors = url, wrong
		forgetKeys(&view.Webhook)
		return s.renderSettings(p, http.StatusUnprocessableEntity, view)
	}
	if err != nil {
		return err
	}
	if secret == "" {
		return p.Redirect(http.StatusSeeOther, withNotice(paths.General, "saved"))
	}
	return s.renderShownOnce(p, http.StatusOK,
		templates.WorkspaceWebhookPage(s.layout(p, "The webhook’s secret"), url, secret))
}

// addDelivery adds the webhook and the undelivered messages to the page of
// members who may see them.
func (s *Server) addDelivery(p *pageContext, view *templates.WorkspaceSettingsView) error {
	if !p.Member.Role.May(workspace.PermitManagePolicies) {
		return nil
	}
	w, err := s.service.Webhook(p.ctx(), p.Actor)
	if err != nil {
		return err
	}
	view.Webhook, view.WebhookOffAt = w.URL, w.OffAt
	view.Undelivered, err = s.service.UndeliveredMessages(p.ctx(), p.Actor)
	return err
}
