// Package mail hands messages to an SMTP server.
package mail

import (
	"errors"
	"strings"
	"time"

	"github.com/wneessen/go-mail"

	"github.com/keylodge/keylodge/outbox"
	"github.com/keylodge/keylodge/workspace"
)

const maxConnections = 4

// Open returns what sends messages to where mail is handed in, see [parseURL].
func Open(smtpURL string) (*outbox.Outbox[workspace.Mail], error) {
	server, err := parseURL(smtpURL)
	o := outbox.New[workspace.Mail](maxConnections)
	o.Send, o.Final, o.About = server.send, permanent, about
	o.Waits = []time.Duration{time.Second, 5 * time.Second, 30 * time.Second, 2 * time.Minute, 10 * time.Minute}
	return o, err
}

// permanent says whether trying again would change nothing.
func permanent(err error) bool {
	refused, ok := errors.AsType[*mail.SendError](err)
	return errors.Is(err, errUnfit) || ok && !refused.IsTemp() && refused.ErrorCode() >= 500
}

// about is what may be logged of a failure: not the address, which a server repeats.
func about(m workspace.Mail, err error) []any {
	_, domain, _ := strings.Cut(m.To, "@")
	said := err.Error()
	if refused, ok := errors.AsType[*mail.SendError](err); ok {
		said = "the server answered " + refused.Reason.String()
	}
	return []any{"domain", domain, "error", said}
}
