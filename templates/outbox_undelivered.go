package templates

import "github.com/keylodge/keylodge/internal/workspace"

var channelNames = map[workspace.Channel]string{workspace.ChannelMail: "Email", workspace.ChannelWebhook: "Webhook"}

// recipientOf returns an email, or a webhook's host: the rest of its URL may be
// a secret.
func recipientOf(m workspace.Message) string {
	if m.Channel == workspace.ChannelMail {
		return m.To
	}
	return m.Host
}
