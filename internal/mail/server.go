// Package mail submits messages to an SMTP server.
package mail

import (
	"crypto/tls"
	"errors"
	"fmt"
	netmail "net/mail"
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"github.com/wneessen/go-mail"

	"github.com/keylodge/keylodge/internal/workspace"
)

// Server is the SMTP server that mail is submitted to.
type Server struct {
	host    string
	domain  string // our name in EHLO, and after the @ in message ids
	tls     *tls.Config
	smtps   bool // TLS from the start (RFC 8314)
	options []mail.Option
	from    *netmail.Address
}

// Open returns the server that a URL names (see [parseURL]), for an
// installation with a base URL. It does not connect.
func Open(smtpURL string, base *url.URL) (*Server, error) {
	s, err := parseURL(smtpURL)
	if err != nil {
		return nil, err
	}
	s.domain = domainOf(base, s.from)
	s.options = append(s.options, mail.WithHELO(s.domain))
	if _, err := mail.NewClient(s.host, s.options...); err != nil {
		return nil, err
	}
	return s, nil
}

// domainOf returns our name for mail servers: the base URL's host if it is a
// public name, or else the sender's domain. Servers refuse localhost (504) and
// distrust IP addresses.
func domainOf(base *url.URL, from *netmail.Address) string {
	host := ""
	if base != nil {
		host = strings.ToLower(strings.TrimSuffix(base.Hostname(), "."))
	}
	_, err := netip.ParseAddr(host)
	if err != nil && strings.Contains(host, ".") && !strings.HasSuffix(host, ".localhost") {
		return host
	}
	return strings.ToLower(from.Address[strings.LastIndexByte(from.Address, '@')+1:])
}

// parseURL reads
// smtp://user:password@host:587?from=Keylodge+<keys@acme.example>, which must
// be encrypted by STARTTLS (RFC 3207), or smtps://, with TLS from the start
// (RFC 8314). ?tls=none is for a server on this machine. The error never
// contains the password.
func parseURL(text string) (*Server, error) {
	s := &Server{}
	u, err := url.Parse(text)
	if err != nil || u.Hostname() == "" || u.Scheme != "smtp" && u.Scheme != "smtps" {
		return nil, errors.New("must be smtp:// or smtps://, a host and ?from=, such as " +
			"smtp://user:password@mail.example.com:587?from=keys@example.com")
	}
	q := u.Query()
	if s.from, err = netmail.ParseAddress(q.Get("from")); err != nil {
		return nil, errors.New("?from= must be the address that mail comes from, such as keys@example.com")
	}
	s.host = u.Hostname()
	s.tls = &tls.Config{ServerName: s.host, MinVersion: tls.VersionTLS12}
	s.options = []mail.Option{mail.WithTimeout(workspace.SendLimit), mail.WithTLSPolicy(mail.TLSMandatory),
		mail.WithTLSConfig(s.tls), mail.WithPort(587)}
	switch tls := q.Get("tls"); {
	case u.Scheme == "smtps":
		s.smtps = true // connect encrypts the connection before the library gets it
		s.options = append(s.options, mail.WithTLSPolicy(mail.TLSOpportunistic), mail.WithPort(465))
	case tls == "none" && loopback(s.host):
		s.options = append(s.options, mail.WithTLSPolicy(mail.NoTLS), mail.WithPort(25))
	case tls != "":
		return nil, errors.New("?tls= can only be none, and only for a server on this machine")
	}
	if u.Port() != "" {
		port, err := strconv.Atoi(u.Port())
		if err != nil {
			return nil, fmt.Errorf("%q is not a port", u.Port())
		}
		s.options = append(s.options, mail.WithPort(port))
	}
	if u.User != nil {
		password, _ := u.User.Password()
		s.options = append(s.options, mail.WithSMTPAuth(mail.SMTPAuthAutoDiscover),
			mail.WithUsername(u.User.Username()),
			mail.WithPassword(password))
	}
	return s, nil
}

func loopback(host string) bool {
	address, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && address.IsLoopback()
}
