package mail

import (
	"context"
	"crypto/x509"
	"errors"
	"net"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/emersion/go-smtp"

	"github.com/keylodge/keylodge/internal/smtptest"
	"github.com/keylodge/keylodge/internal/workspace"
)

func open(t *testing.T, smtpURL, base string) *Server {
	t.Helper()
	u, err := url.Parse(base)
	if err != nil {
		t.Fatal(err)
	}
	s, err := Open(smtpURL, u)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

var (
	link    = "https://acme.keys.example.com/invitation?token=" + strings.Repeat("x", 200)
	message = workspace.Mail{To: "lina@acme.example", Subject: "Willkommen bei Söhne & Töchter 🎉",
		Text: "Öffne diesen Link:\n" + link + "\n.\nEnde\n"}
)

// outgoing is a message as the outbox gives it.
func outgoing(m workspace.Mail) workspace.Outgoing {
	return workspace.Outgoing{Message: workspace.Message{ID: "msg_1"}, Mail: m}
}

// failure returns what Send says of a message.
func failure(t *testing.T, s *Server, m workspace.Mail) *workspace.SendError {
	t.Helper()
	failed, ok := errors.AsType[*workspace.SendError](s.Send(t.Context(), outgoing(m)))
	if !ok {
		t.Fatal("it did not fail as it should")
	}
	return failed
}

func TestDelivery(t *testing.T) {
	server := smtptest.New(t)
	s := open(t, server.URL, "https://keys.example.com:8443")
	for range 2 { // a message that is sent again has the same id
		if err := s.Send(t.Context(), outgoing(message)); err != nil {
			t.Fatal(err)
		}
	}
	for _, got := range server.Messages() {
		if got.To != message.To || got.Subject != message.Subject ||
			strings.ReplaceAll(got.Text, "\r\n", "\n") != message.Text {
			t.Errorf("it became %+v", got)
		}
		if got.Header.Get("Auto-Submitted") != "auto-generated" ||
			got.Header.Get("From") != `"Keylodge" <keys@acme.example>` ||
			got.Header.Get("Message-Id") != "<msg_1@keys.example.com>" {
			t.Errorf("its header is %v", got.Header)
		}
	}
	if err := s.Check(t.Context()); err != nil {
		t.Errorf("the check at the start: %v", err)
	}
}

// TestDeliveryOverTLS trusts the server's certificate, and refuses one that
// nobody vouches for.
func TestDeliveryOverTLS(t *testing.T) {
	web := httptest.NewTLSServer(nil)
	t.Cleanup(web.Close)
	server := smtptest.NewTLS(t, web.TLS.Certificates[0])
	s := open(t, server.URL, "")
	if failed := failure(t, s, message); !failed.Relay || len(server.Messages()) > 0 {
		t.Errorf("without trust: %+v", failed)
	}
	s.tls.RootCAs = x509.NewCertPool()
	s.tls.RootCAs.AddCert(web.Certificate())
	if err := s.Send(t.Context(), outgoing(message)); err != nil || len(server.Messages()) != 1 {
		t.Errorf("with trust: %v", err)
	}
}

// TestServersThatAskForARealName meets a server that refuses whoever calls
// itself localhost, as many do.
func TestServersThatAskForARealName(t *testing.T) {
	server := smtptest.New(t)
	var names []string
	server.RefuseHello(func(name string) error {
		names = append(names, name)
		if !strings.Contains(name, ".") || strings.HasPrefix(name, "127.") || strings.HasSuffix(name, ".localhost") {
			return &smtp.SMTPError{Code: 504, EnhancedCode: smtp.EnhancedCode{5, 5, 2},
				Message: "Helo command rejected: need fully-qualified hostname"}
		}
		return nil
	})
	for base, want := range map[string]string{
		"http://localhost:8080": "acme.example", "http://127.0.0.1:8080": "acme.example",
		"http://[::1]:8080": "acme.example", "http://keys.localhost": "acme.example",
		"http://keylodge": "acme.example", "https://Keys.Example.com.": "keys.example.com",
	} {
		names = nil
		if err := open(t, server.URL, base).Send(t.Context(), outgoing(message)); err != nil || len(names) != 1 ||
			names[0] != want {
			t.Errorf("at %s it says it is %v: %v", base, names, err)
		}
	}
}

func TestRefusals(t *testing.T) {
	for name, c := range map[string]struct {
		refusal smtp.SMTPError
		want    workspace.SendError
	}{
		"later": {smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 7, 1}},
			workspace.SendError{Text: "The mail server answered 451 4.7.1.", Code: 451}},
		"never": {smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}},
			workspace.SendError{Text: "The mail server answered 550 5.1.1.", Code: 550, Final: true}},
		"nobody": {smtp.SMTPError{Code: 421, EnhancedCode: smtp.EnhancedCode{4, 3, 2}},
			workspace.SendError{Text: "The mail server answered 421 4.3.2.", Code: 421, Relay: true}},
		"no detail": {smtp.SMTPError{Code: 452, EnhancedCode: smtp.NoEnhancedCode},
			workspace.SendError{Text: "The mail server answered 452.", Code: 452}},
	} {
		t.Run(name, func(t *testing.T) {
			server := smtptest.New(t)
			server.Refuse(func(to string) error {
				refusal := c.refusal
				refusal.Message = "no, " + to
				return &refusal
			})
			if got := failure(t, open(t, server.URL, "https://keys.example.com"), message); *got != c.want ||
				strings.Contains(got.Error(), "lina") {
				t.Errorf("got %+v", got)
			}
		})
	}
}

// TestServersThatLetNobodyIn fail as a whole, and not for the message's sake.
func TestServersThatLetNobodyIn(t *testing.T) {
	s := open(t, smtptest.NewRefusingLogin(t), "https://keys.example.com")
	failed := failure(t, s, message)
	if !failed.Relay || failed.Final || failed.Code != 535 || strings.Contains(failed.Error(), "hunter2") {
		t.Errorf("sending: %+v", failed)
	}
	if err := s.Check(t.Context()); err == nil || err.Error() != "The mail server refused Keylodge with code 535." {
		t.Errorf("the check at the start: %v", err)
	}
	refuses := smtptest.New(t)
	refuses.RefuseHello(func(string) error { return &smtp.SMTPError{Code: 504, Message: "no"} })
	if failed := failure(t, open(t, refuses.URL, ""), message); !failed.Relay || failed.Final || failed.Code != 504 {
		t.Errorf("a refused name: %+v", failed)
	}
	gone, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	gone.Close()
	failed = failure(t, open(t, "smtp://"+gone.Addr().String()+"?tls=none&from=a@b.example", ""), message)
	if !failed.Relay || failed.Final {
		t.Errorf("nobody there: %+v", failed)
	}
}

// TestSendingEndsWithItsContext breaks off while the server keeps the recipient
// waiting.
func TestSendingEndsWithItsContext(t *testing.T) {
	server := smtptest.New(t)
	ctx, cancel := context.WithCancel(t.Context())
	held := make(chan struct{})
	t.Cleanup(func() { close(held) })
	server.Hold(func(string) { cancel(); <-held })
	failed, ok := errors.AsType[*workspace.SendError](open(t, server.URL, "").Send(ctx, outgoing(message)))
	if !ok || failed.Final || failed.Relay {
		t.Errorf("%+v", failed)
	}
}

func TestHeadersCanNotBeAdded(t *testing.T) {
	server := smtptest.New(t)
	s := open(t, server.URL, "")
	for _, m := range []workspace.Mail{
		{To: "a@acme.example\r\nBcc: eve@evil.example", Subject: "x"}, {To: "a@acme.example",
			Subject: "x\r\nBcc: eve@evil.example"},
		{To: "a@acme.example, eve@evil.example", Subject: "x"}, {To: "nobody", Subject: "x"},
	} {
		if failed := failure(t, s, m); !failed.Final {
			t.Errorf("%q: %+v", m, failed)
		}
	}
	if len(server.Messages()) > 0 {
		t.Errorf("%d were sent", len(server.Messages()))
	}
}

func TestBadURLs(t *testing.T) {
	for _, url := range []string{
		"", "mail.example.com", "http://mail.example.com", "smtp://?from=a@b.example",
		"smtp://user:hunter2@mail.example.com",
		"smtp://user:hunter2@mail.example.com?from=nobody",
		"smtp://user:hunter2@mail.example.com?from=a@b.example&tls=none", "smtp://mail.example.com:x?from=a@b.example",
		"smtp://user:hunter2@localhost?from=a@b.example&tls=maybe",
		"smtp://user:hun ter2@mail.example.com:99999?from=a@b.example",
	} {
		if _, err := Open(url, nil); err == nil || strings.Contains(err.Error(), "hunter2") ||
			strings.Contains(err.Error(), "hun ter2") {
			t.Errorf("%s: %v", url, err)
		}
	}
}
