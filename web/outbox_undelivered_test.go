package web

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/keylodge/keylodge/internal/workspace"
	"github.com/keylodge/keylodge/store"
)

// outboxServer is a testServer whose messages can be claimed and failed.
type outboxServer struct {
	*testServer
	*testing.T
	db      *store.Store
	cookies []*http.Cookie // of Dana, an owner
	acme    string         // id of her workspace
}

func newOutboxServer(t *testing.T) *outboxServer {
	s := &outboxServer{T: t}
	file := filepath.Join(t.TempDir(), "keylodge.db")
	s.testServer = newTestServerOn(t, file, func(c *Config) {
		var err error
		if s.db, err = store.Open(t.Context(), file); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { s.db.Close() })
		c.Service = s.at(time.Now)
	})
	s.cookies = s.setUp(t)
	w, err := s.Service.WorkspaceBySlug(t.Context(), "acme")
	if err != nil {
		t.Fatal(err)
	}
	s.acme = w.ID
	return s
}

// at returns a service with a given clock.
func (s *outboxServer) at(now func() time.Time) *workspace.Service {
	return workspace.NewService(s.db, workspace.Config{Now: now, Mail: true, Links: workspace.Links{
		Key:   func(workspace.Workspace, string) string { return "https://acme.example/" },
		Token: func(string, workspace.Purpose, string) string { return "https://acme.example/" },
	}})
}

// failAt queues a message at a time and fails its first attempt.
func (s *outboxServer) failAt(at time.Time, m workspace.Message, failed workspace.SendError) {
	s.Helper()
	m.WorkspaceID, m.Lane, m.CreatedAt, m.NextAt, m.Deadline = s.acme, s.acme, at, at, at.Add(workspace.MessageLifetime)
	then := s.at(func() time.Time { return at })
	err := s.db.Update(s.Context(), func(tx workspace.Tx) error { return tx.InsertMessage(s.Context(), m) })
	if err != nil {
		s.Fatal(err)
	}
	claimed, err := then.ClaimMessage(s.Context(), m.Channel, workspace.Route{Lane: m.Lane, Host: m.Host})
	if err != nil {
		s.Fatal(err)
	}
	out, err := then.PrepareMessage(s.Context(), claimed)
	if err == nil {
		_, err = then.MessageFailed(s.Context(), out, &failed)
	}
	if err != nil {
		s.Fatal(err)
	}
}

func (s *outboxServer) get() string {
	s.Helper()
	a := s.answer(signedIn(s.cookies, request("GET", "/settings/general", "")))
	if a.Code != http.StatusOK {
		s.Fatalf("status %d", a.Code)
	}
	return a.Body.String()
}

func (s *outboxServer) post(path, body string) *httptest.ResponseRecorder {
	return s.answer(signedIn(s.cookies, request("POST", "/settings/general"+path, body, "Content-Type", formType)))
}

func (s *outboxServer) sees(page string, texts ...string) {
	s.Helper()
	for _, text := range texts {
		if !strings.Contains(page, text) {
			s.Errorf("the page lacks %q", text)
		}
	}
}

func (s *outboxServer) misses(page string, texts ...string) {
	s.Helper()
	for _, text := range texts {
		if strings.Contains(page, text) {
			s.Errorf("the page has %q", text)
		}
	}
}

var (
	leakMail = workspace.Message{ID: "msg_1", Channel: workspace.ChannelMail, Kind: workspace.MessageText,
		Host: "beta.example",
		To:   "lina@beta.example", Payload: `{"Subject": "A key has leaked", "Text": "Its text"}`}
	leakHook = workspace.Message{ID: "msg_2", Channel: workspace.ChannelWebhook, Kind: workspace.MessageEvent,
		Host:    "hooks.acme.example",
		Payload: `{"type": "key.leaked"}`}
)

// TestAdminsSeeWhatWasNotDelivered retries one message and dismisses another.
func TestAdminsSeeWhatWasNotDelivered(t *testing.T) {
	s := newOutboxServer(t)
	s.misses(s.get(), "Undelivered messages", "The webhook is off")
	s.post("/webhook", "webhook="+url.QueryEscape("https://hooks.acme.example/path"))
	began := time.Now().Add(-workspace.MessageLifetime - time.Hour)
	s.failAt(began, leakMail, workspace.SendError{Text: "The mail server answered 451."})
	s.failAt(began, leakHook, workspace.SendError{Text: "The webhook answered 500."})
	s.misses(s.get(), "Undelivered messages") // they still wait
	if given, err := s.Service.GiveUpMessages(t.Context()); err != nil || len(given) != 2 {
		t.Fatalf("given up: %v %v", given, err)
	}
	page := s.get()
	s.sees(page, "Undelivered messages", "A key has leaked", "lina@beta.example", "The mail server answered 451.",
		"key.leaked",
		"hooks.acme.example", "The webhook answered 500.", "just now")
	s.misses(page, "Its text")

	if a := s.post("/messages/msg_1/retry", "sent=yes"); a.Code != http.StatusSeeOther ||
		a.Header().Get("Location") != "/settings/general?done=message-retried" {
		t.Errorf("retry: %d %s", a.Code, a.Header().Get("Location"))
	}
	if _, err := s.Service.ClaimMessage(t.Context(), workspace.ChannelMail, workspace.Route{
		Lane: s.acme, Host: "beta.example",
	}); err != nil {
		t.Errorf("it is not queued: %v", err)
	}
	if a := s.post("/messages/msg_1/retry", "sent=yes"); a.Code != http.StatusNotFound {
		t.Errorf("retry again: %d", a.Code)
	}
	s.misses(s.get(), "lina@beta.example")
	if a := s.post("/messages/msg_2/dismiss", "sent=yes"); a.Code != http.StatusSeeOther {
		t.Errorf("dismiss: %d", a.Code)
	}
	s.misses(s.get(), "Undelivered messages")
	a := s.answer(signedIn(s.cookies, request("GET", "/settings/general?done=message-dismissed", "")))
	s.sees(a.Body.String(), "The message is dismissed.")
}

// TestAdminsSeeThatTheWebhookIsOff saves the webhook again, after which
// undelivered messages go to its new host.
func TestAdminsSeeThatTheWebhookIsOff(t *testing.T) {
	s := newOutboxServer(t)
	s.post("/webhook", "webhook="+url.QueryEscape("https://hooks.acme.example/path"))
	s.failAt(time.Now().Add(-time.Hour), leakHook, workspace.SendError{Text: "The webhook answered 422.", Final: true})
	gone := leakHook
	gone.ID = "msg_3"
	s.failAt(time.Now().Add(-time.Hour), gone, workspace.SendError{Text: "The webhook answered 410.", Gone: true})
	s.sees(s.get(), "The webhook is off", "410 Gone", "Save the address again to turn it on.",
		"The webhook answered 422.")
	a := s.post("/messages/msg_2/retry", "sent=yes")
	if a.Code != http.StatusConflict {
		t.Errorf("retry while it is off: %d", a.Code)
	}
	s.sees(a.Body.String(), "The webhook is off. Save it first.", "Undelivered messages")

	s.post("/webhook", "webhook="+url.QueryEscape("https://new.acme.example/path"))
	s.misses(s.get(), "The webhook is off")
	if a := s.post("/messages/msg_2/retry", "sent=yes"); a.Code != http.StatusSeeOther {
		t.Errorf("retry once it is on: %d", a.Code)
	}
	m, err := s.Service.ClaimMessage(t.Context(), workspace.ChannelWebhook, workspace.Route{
		Lane: s.acme, Host: "new.acme.example",
	})
	if err != nil || m.ID != "msg_2" {
		t.Errorf("queued: %+v %v", m, err)
	}
}
