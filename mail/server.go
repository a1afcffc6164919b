package mail

import (
	"context"
	"errors"
	"fmt"
	netmail "net/mail"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/wneessen/go-mail"

	"github.com/keylodge/keylodge/workspace"
)

// server is where mail is handed in.
type server struct {
	host    string
	options []mail.Option
	from    *netmail.Address
}

// sendLimit is how long one message may take.
const sendLimit = 15 * time.Second

// parseURL reads smtp://user:password@host:587?from=Keylodge+<keys@acme.example>, where the connection must be encrypted by
// STARTTLS (RFC 3207), or smtps:// where it is from the beginning (RFC 8314); ?tls=none is for a server on the same machine.
// The error never holds the password.
func parseURL(text string) (s server, err error) {
	u, err := url.Parse(text)
	if err != nil || u.Hostname() == "" || u.Scheme != "smtp" && u.Scheme != "smtps" {
		return s, errors.New("it must be smtp:// or smtps://, a host and ?from=, such as smtp://user:password@mail.example.com:587?from=keys@example.com")
	}
	q := u.Query()
	if s.from, err = netmail.ParseAddress(q.Get("from")); err != nil {
		return s, errors.New("?from= must be the address that mail comes from, such as keys@example.com")
	}
	s.host = u.Hostname()
	s.options = []mail.Option{mail.WithTimeout(sendLimit), mail.WithTLSPolicy(mail.TLSMandatory), mail.WithPort(587)}
	switch tls := q.Get("tls"); {
	case u.Scheme == "smtps":
		s.options = append(s.options, mail.WithSSL(), mail.WithPort(465))
	case tls == "none" && loopback(s.host):
		s.options = append(s.options, mail.WithTLSPolicy(mail.NoTLS), mail.WithPort(25))
	case tls != "":
		return s, errors.New("?tls= can only be none, and only for a server on this machine")
	}
	if u.Port() != "" {
		port, err := strconv.Atoi(u.Port())
		if err != nil {
			return s, fmt.Errorf("%q is no port", u.Port())
		}
		s.options = append(s.options, mail.WithPort(port))
	}
	if u.User != nil {
		password, _ := u.User.Password()
		s.options = append(s.options, mail.WithSMTPAuth(mail.SMTPAuthAutoDiscover), mail.WithUsername(u.User.Username()), mail.WithPassword(password))
	}
	_, err = mail.NewClient(s.host, s.options...)
	return s, err
}

func loopback(host string) bool {
	address, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && address.IsLoopback()
}

// errUnfit is a message that could be taken for several, or for more than its text.
var errUnfit = errors.New("the address or the subject has a line break in it, or is no address")

// send hands one message in.
func (s server) send(ctx context.Context, m workspace.Mail) error {
	ctx, cancel := context.WithTimeout(ctx, sendLimit)
	defer cancel()
	message := mail.NewMsg()
	to, err := netmail.ParseAddress(m.To)
	if err != nil || to.Address != m.To || strings.ContainsAny(m.To+m.Subject, "\r\n") {
		return errUnfit
	}
	message.FromMailAddress(s.from)
	message.ToMailAddress(to)
	message.Subject(m.Subject)
	message.SetDate()
	message.SetMessageID()
	message.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834
	message.SetBodyString(mail.TypeTextPlain, m.Text)
	client, err := mail.NewClient(s.host, s.options...)
	if err != nil {
		return err
	}
	return client.DialAndSendWithContext(ctx, message)
}
