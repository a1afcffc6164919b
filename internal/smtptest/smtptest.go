// Package smtptest is a real SMTP server for tests.
package smtptest

import (
	"crypto/tls"
	"io"
	"mime"
	"net"
	"net/mail"
	"sync"
	"testing"
	"time"

	"mime/quotedprintable"

	"github.com/emersion/go-smtp"
)

// Message is a message that the server accepted.
type Message struct {
	To, Subject, Text string
	Header            mail.Header
}

// Server accepts every message unless a test says otherwise.
type Server struct {
	URL string // smtp://…, for --smtp-url

	mu       sync.Mutex
	messages []Message
	news     chan struct{}
	refuse   func(to string) error
	hello    func(name string) error
	hold     func(to string)
}

// New starts a server, which ends with the test.
func New(t testing.TB) *Server {
	t.Helper()
	return serve(t, "smtp", "&tls=none", func(l net.Listener) net.Listener { return l })
}

// NewTLS starts a server with TLS from the start and a certificate.
func NewTLS(t testing.TB, certificate tls.Certificate) *Server {
	t.Helper()
	return serve(t, "smtps", "", func(l net.Listener) net.Listener {
		return tls.NewListener(l, &tls.Config{Certificates: []tls.Certificate{certificate}})
	})
}

func serve(t testing.TB, scheme, options string, wrap func(net.Listener) net.Listener) *Server {
	t.Helper()
	s := &Server{news: make(chan struct{}, 1000)}
	server := smtp.NewServer(smtp.BackendFunc(func(c *smtp.Conn) (smtp.Session, error) {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.hello != nil {
			if err := s.hello(c.Hostname()); err != nil {
				return nil, err
			}
		}
		return &session{server: s}, nil
	}))
	server.Domain = "localhost"
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.URL = scheme + "://" + listener.Addr().String() + "?from=Keylodge+%3Ckeys%40acme.example%3E" + options
	go server.Serve(wrap(listener))
	t.Cleanup(func() { server.Close() })
	return s
}

// Refuse has a function return the error for each recipient, or nil.
func (s *Server) Refuse(refuse func(to string) error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refuse = refuse
}

// RefuseHello has a function return the error for each client's name in EHLO,
// or nil.
func (s *Server) RefuseHello(hello func(name string) error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hello = hello
}

// Hold calls a function for each recipient, while the client waits.
func (s *Server) Hold(hold func(to string)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hold = hold
}

// Messages returns all messages so far.
func (s *Server) Messages() []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Message(nil), s.messages...)
}

// Wait returns the nth message when it has arrived.
func (s *Server) Wait(t testing.TB, n int) Message {
	t.Helper()
	deadline := time.After(30 * time.Second)
	for {
		if all := s.Messages(); len(all) >= n {
			return all[n-1]
		}
		select {
		case <-s.news:
		case <-deadline:
			t.Fatalf("%d messages, want %d", len(s.Messages()), n)
		}
	}
}

type session struct {
	server *Server
	to     string
}

// Mail implements [smtp.Session].
func (*session) Mail(string, *smtp.MailOptions) error { return nil }

// Rcpt implements [smtp.Session].
func (c *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	c.to = to
	c.server.mu.Lock()
	hold := c.server.hold
	c.server.mu.Unlock()
	if hold != nil {
		hold(to)
	}
	c.server.mu.Lock()
	defer c.server.mu.Unlock()
	if c.server.refuse != nil {
		return c.server.refuse(to)
	}
	return nil
}

// Data implements [smtp.Session].
func (c *session) Data(r io.Reader) error {
	read, err := mail.ReadMessage(r)
	if err != nil {
		return err
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(read.Header.Get("Subject"))
	if err != nil {
		return err
	}
	body := read.Body
	if read.Header.Get("Content-Transfer-Encoding") == "quoted-printable" {
		body = quotedprintable.NewReader(body)
	}
	text, err := io.ReadAll(body)
	if err != nil {
		return err
	}
	c.server.mu.Lock()
	c.server.messages = append(c.server.messages, Message{To: c.to, Subject: subject, Text: string(text),
		Header: read.Header})
	c.server.mu.Unlock()
	c.server.news <- struct{}{}
	return nil
}

// Reset implements [smtp.Session].
func (*session) Reset() {}

// Logout implements [smtp.Session].
func (*session) Logout() error { return nil }
