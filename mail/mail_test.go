package mail

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"github.com/keylodge/keylodge/internal/smtptest"
	"github.com/keylodge/keylodge/outbox"
	"github.com/keylodge/keylodge/workspace"
)

// run runs a sender on a server and returns it, its log, and what ends it and waits until it has.
func run(t *testing.T, url string) (s *outbox.Outbox[workspace.Mail], log *bytes.Buffer, end func()) {
	t.Helper()
	s, err := Open(url)
	if err != nil {
		t.Fatal(err)
	}
	s.Waits = []time.Duration{time.Millisecond, time.Millisecond}
	ctx, cancel := context.WithCancel(t.Context())
	log = &bytes.Buffer{}
	var running sync.WaitGroup
	running.Go(func() { s.Run(ctx, slog.New(slog.NewTextHandler(log, nil))) })
	end = func() { cancel(); running.Wait() }
	t.Cleanup(end)
	return s, log, end
}

var (
	link    = "https://acme.keys.example.com/invitation?token=" + strings.Repeat("x", 200)
	message = workspace.Mail{To: "lina@acme.example", Subject: "Willkommen bei Söhne & Töchter 🎉", Text: "Öffne diesen Link:\n" + link + "\n.\nEnde\n"}
)

func TestDelivery(t *testing.T) {
	server := smtptest.New(t)
	s, log, end := run(t, server.URL)
	s.Queue(message)
	got := server.Wait(t, 1)
	if got.To != message.To || got.Subject != message.Subject || strings.ReplaceAll(got.Text, "\r\n", "\n") != message.Text {
		t.Errorf("it became %+v", got)
	}
	if got.Header.Get("Auto-Submitted") != "auto-generated" || got.Header.Get("From") != `"Keylodge" <keys@acme.example>` {
		t.Errorf("its header is %v", got.Header)
	}
	end()
	if log.Len() > 0 {
		t.Errorf("the log says %s", log)
	}
}

func TestWhatIsQueuedAtTheEndIsSent(t *testing.T) {
	server := smtptest.New(t)
	s, err := Open(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	for range 20 {
		s.Queue(message)
	}
	over, cancel := context.WithCancel(t.Context())
	cancel()
	s.Run(over, slog.New(slog.DiscardHandler))
	if n := len(server.Messages()); n != 20 {
		t.Errorf("%d of 20 were sent", n)
	}
}

func TestRefusals(t *testing.T) {
	later := &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 7, 1}, Message: "later, lina@acme.example"}
	never := &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "there is no lina@acme.example"}
	for name, c := range map[string]struct {
		answers []error // to each try; nil after them
		tries   int
		sent    int
	}{
		"later":            {[]error{later, later}, 3, 1},
		"never":            {[]error{never}, 1, 0},
		"later, too often": {[]error{later, later, later, later}, 3, 0},
	} {
		t.Run(name, func(t *testing.T) {
			server := smtptest.New(t)
			tries, done := 0, make(chan struct{})
			server.Refuse(func(string) error {
				tries++
				if tries == c.tries {
					close(done)
				}
				if tries <= len(c.answers) {
					return c.answers[tries-1]
				}
				return nil
			})
			s, log, end := run(t, server.URL)
			s.Queue(message)
			<-done
			end()
			if len(server.Messages()) != c.sent || tries != c.tries {
				t.Errorf("%d were sent in %d tries", len(server.Messages()), tries)
			}
			if text := log.String(); strings.Contains(text, "lina") || strings.Contains(text, "token") || !strings.Contains(text, "acme.example") {
				t.Errorf("the log says %s", text)
			}
		})
	}
}

func TestHeadersCanNotBeAdded(t *testing.T) {
	server := smtptest.New(t)
	s, log, end := run(t, server.URL)
	for _, m := range []workspace.Mail{
		{To: "a@acme.example\r\nBcc: eve@evil.example", Subject: "x"}, {To: "a@acme.example", Subject: "x\r\nBcc: eve@evil.example"},
		{To: "a@acme.example, eve@evil.example", Subject: "x"}, {To: "nobody", Subject: "x"},
	} {
		s.Queue(m)
	}
	end()
	if len(server.Messages()) > 0 || strings.Count(log.String(), "given up") != 4 {
		t.Errorf("%d were sent; the log says %s", len(server.Messages()), log)
	}
}

func TestQueueIsBounded(t *testing.T) {
	s, err := Open("smtp://127.0.0.1:1?tls=none&from=a@b.example")
	if err != nil {
		t.Fatal(err)
	}
	for n := range outbox.MaxQueued + 1 {
		if s.Queue(message) != (n < outbox.MaxQueued) {
			t.Fatalf("message %d is taken or not", n)
		}
	}
}

func TestBadURLs(t *testing.T) {
	for _, url := range []string{
		"", "mail.example.com", "http://mail.example.com", "smtp://?from=a@b.example", "smtp://user:hunter2@mail.example.com",
		"smtp://user:hunter2@mail.example.com?from=nobody", "smtp://user:hunter2@mail.example.com?from=a@b.example&tls=none", "smtp://mail.example.com:x?from=a@b.example",
		"smtp://user:hunter2@localhost?from=a@b.example&tls=maybe", "smtp://user:hun ter2@mail.example.com:99999?from=a@b.example",
	} {
		if _, err := Open(url); err == nil || strings.Contains(err.Error(), "hunter2") || strings.Contains(err.Error(), "hun ter2") {
			t.Errorf("%s: %v", url, err)
		}
	}
}
