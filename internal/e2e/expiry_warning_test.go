package e2e

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/keylodge/keylodge/internal/smtptest"
)

// TestWarningsBeforeExpiry lets a key approach its expiry, and checks the
// warnings: on the page, by email and by webhook.
func TestWarningsBeforeExpiry(t *testing.T) {
	t.Parallel()
	received := make(chan string, 10)
	program := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		received <- r.Header.Get("Webhook-Signature") + " " + string(body)
	}))
	t.Cleanup(program.Close)
	post := smtptest.New(t)
	database := sqliteFile(t)
	s := start(t, database, "--private-webhooks")
	dana := s.setUp(t)
	dana.addKey("CI")
	p := s.openSignedIn(t, desktop)
	p.goTo("/settings/general")
	p.fill("Address", "ftp://nowhere")
	p.click("Save webhook")
	p.see("Give an address that begins with https://.")
	p.fill("Address", program.URL)
	p.click("Save webhook")
	p.see("Copy the webhook’s secret now")
	p.see("whsec_")
	p.step(1, "webhook")
	p.click("I have saved it")
	p.see("Keep for, in days")
	s.stop()

	_, err := openDatabase(t, database).Exec(
		`UPDATE keys SET warned = 0, expires_at = (SELECT created_at FROM workspaces) + 3 * 86400000000`)
	if err != nil {
		t.Fatal(err)
	}
	s = start(t, database, "--private-webhooks", "--smtp-url", post.URL) // the server checks at startup
	if m := post.Wait(t, 1); m.To != danaEmail || m.Subject != "An API key of Acme expires soon" ||
		!strings.Contains(m.Text, "“CI”") ||
		!strings.Contains(m.Text, "/settings/api-keys/key_") {
		t.Errorf("the message is %+v", m)
	}
	if got := <-received; !strings.HasPrefix(got, "v1,") || !strings.Contains(got, `"type":"key.expiring"`) ||
		!strings.Contains(got, `"name":"CI"`) {
		t.Errorf("the webhook received %s", got)
	}
	p = s.openSignedIn(t, desktop)
	p.see("1 key ends within 14 days.")
	p.step(2, "list with a key that ends soon")
	p.click("See which")
	p.see("CI")
	p.gone("ends within 14 days")
	p.click("CI")
	p.see("This key ends in 3 days.")
	p.see("told that a key ends soon")
	p.step(3, "key that ends soon")
	p.click("Give it another end")
	p.click("90 days")
	p.click("Save")
	p.see("Saved.")
	p.gone("This key ends")
	s.stop()
	s = start(t, database, "--private-webhooks", "--smtp-url", post.URL)
	s.signIn(t, danaEmail, danaPassword)
	s.stop()
	if n := len(post.Messages()); n != 1 || len(received) > 0 {
		t.Errorf("%d messages, and %d to the program", n, len(received))
	}
}
