package mail

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	netmail "net/mail"
	"net/textproto"
	"slices"
	"strings"

	"github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"

	"github.com/keylodge/keylodge/internal/workspace"
)

// errUnfit refuses a message whose header could be split into several.
var errUnfit = &workspace.SendError{Text: "The email address or the subject can’t be used.", Final: true}

// Send implements [outbox.Transport]. A failure before the recipient is named
// is one of the whole server (Relay).
func (s *Server) Send(ctx context.Context, out workspace.Outgoing) error {
	message, err := s.compose(out)
	if err != nil {
		return err
	}
	session, err := s.connect(ctx)
	if err != nil {
		return relayError(err)
	}
	defer session.close() // with QUIT; the message is accepted or not before that
	err = session.client.SendWithSMTPClient(session.smtp, message)
	if err == nil || message.IsDelivered() {
		return nil
	}
	return sendError(err)
}

// Check connects and logs in, and sends nothing.
func (s *Server) Check(ctx context.Context) error {
	session, err := s.connect(ctx)
	if err != nil {
		return relayError(err)
	}
	session.close()
	return nil
}

// session is a connection to the server after login.
type session struct {
	client *mail.Client
	smtp   *smtp.Client
	broken func() bool // keeps the end of the context from closing the connection
	raw    net.Conn
}

// connect connects and logs in. The connection closes when ctx ends, which the
// library does not do.
func (s *Server) connect(ctx context.Context) (session, error) {
	var c session
	options := append(slices.Clone(s.options),
		mail.WithDialContextFunc(func(dialing context.Context, network, address string) (net.Conn, error) {
			var dialer net.Dialer
			raw, err := dialer.DialContext(dialing, network, address)
			if err != nil {
				return nil, err
			}
			c.raw, c.broken = raw, context.AfterFunc(ctx, func() { raw.Close() })
			if !s.smtps {
				return raw, nil
			}
			encrypted := tls.Client(raw, s.tls)
			return encrypted, encrypted.HandshakeContext(dialing)
		}))
	var err error
	if c.client, err = mail.NewClient(s.host, options...); err == nil {
		c.smtp, err = c.client.DialToSMTPClientWithContext(ctx)
	}
	if err != nil && c.raw != nil {
		c.broken()
		c.raw.Close()
	}
	return c, err
}

func (c session) close() {
	c.client.CloseWithSMTPClient(c.smtp)
	c.broken()
	c.raw.Close()
}

func (s *Server) compose(out workspace.Outgoing) (*mail.Msg, error) {
	m := out.Mail
	to, err := netmail.ParseAddress(m.To)
	if err != nil || to.Address != m.To || strings.ContainsAny(m.To+m.Subject, "\r\n") {
		return nil, errUnfit
	}
	message := mail.NewMsg()
	message.FromMailAddress(s.from)
	message.ToMailAddress(to)
	message.Subject(m.Subject)
	message.SetDate()
	message.SetMessageIDWithValue(out.ID + "@" + s.domain)
	message.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834
	message.SetBodyString(mail.TypeTextPlain, m.Text)
	return message, nil
}

// relayError returns the error for a failure to connect, to agree on TLS, or to
// log in.
func relayError(err error) error {
	if answer, ok := errors.AsType[*textproto.Error](err); ok { // its text is the server's, and may repeat anything
		return &workspace.SendError{Text: fmt.Sprintf("The mail server refused Keylodge with code %d.", answer.Code),
			Code: answer.Code, Relay: true}
	}
	return &workspace.SendError{Text: "The mail server can’t be used now.", Relay: true, Cause: err}
}

// shutdownCode is the answer of a server that is about to close the connection
// (RFC 5321 section 3.8).
const shutdownCode = 421

// sendError returns the error for a failure after login. It omits the server's
// text, which repeats the recipient.
func sendError(err error) error {
	refused, ok := errors.AsType[*mail.SendError](err)
	if !ok || refused.ErrorCode() == 0 {
		return &workspace.SendError{Text: "The mail server broke off.", OnlyThis: true}
	}
	code := refused.ErrorCode()
	e := &workspace.SendError{Text: fmt.Sprintf("The mail server answered %d.", code), Code: code}
	if enhanced := refused.EnhancedStatusCode(); enhanced != "" {
		e.Text = fmt.Sprintf("The mail server answered %d %s.", code, enhanced)
	}
	// A refused sender is not the message's fault: it is the same for all.
	e.Relay = refused.Reason == mail.ErrSMTPMailFrom || code == shutdownCode
	e.Final = !e.Relay && code >= 500
	return e
}
