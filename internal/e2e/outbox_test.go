package e2e

import (
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/emersion/go-smtp"

	"github.com/keylodge/keylodge/internal/postgrestest"
	"github.com/keylodge/keylodge/internal/smtptest"
)

// inviteMany invites several users in one form.
func (c *client) inviteMany(emails ...string) {
	c.t.Helper()
	form := fields("emails", strings.Join(emails, "\n"), "role", "developer")
	c.want(c.post("/settings/members/invite", form), http.StatusOK, "Send these links")
}

// checkMailedOnce waits until nothing is queued, and checks that each recipient
// got one email.
func checkMailedOnce(t testing.TB, database string, post *smtptest.Server, emails ...string) {
	t.Helper()
	post.Wait(t, len(emails))
	eventually(t, "nothing is queued", func() bool { return count(t, database, `SELECT COUNT(*) FROM outbox`) == 0 })
	got := map[string]int{}
	for _, m := range post.Messages() {
		got[m.To]++
	}
	for _, email := range emails {
		if got[email] != 1 {
			t.Errorf("%s got %d emails", email, got[email])
		}
	}
	if len(got) != len(emails) {
		t.Errorf("sent to %v", got)
	}
}

// TestKillLosesNoMail kills the program while emails are being sent, another
// one is queued, and one was refused temporarily.
func TestKillLosesNoMail(t *testing.T) {
	t.Parallel()
	database := sqliteFile(t)
	post := smtptest.New(t)
	var held atomic.Int32
	killed := make(chan struct{})
	post.Hold(func(to string) {
		if strings.HasSuffix(to, "@slow.example") {
			held.Add(1)
			<-killed
		}
	})
	post.Refuse(func(to string) error {
		if to == "busy@acme.example" {
			return &smtp.SMTPError{Code: 451, Message: "later"}
		}
		return nil
	})
	s := start(t, database, "--smtp-url", post.URL)
	dana := s.setUp(t)
	everyone := []string{"a@slow.example", "b@slow.example", "c@slow.example", "busy@acme.example"}
	dana.inviteMany("busy@acme.example")
	eventually(t, "an email was refused for now", func() bool {
		return count(t, database, `SELECT COUNT(*) FROM outbox WHERE last_error <> '' AND claimed_until IS NULL`) == 1
	})
	dana.inviteMany("a@slow.example", "b@slow.example", "c@slow.example")
	eventually(t, "an email is being sent", func() bool { return held.Load() > 0 })
	s.kill()
	close(killed)
	post.Hold(nil)
	post.Refuse(nil)
	if n := len(post.Messages()); n != 0 {
		t.Fatalf("this tests nothing: %d emails were sent before", n)
	}
	// As a minute later: claims have lapsed, and retries are due.
	_, err := openDatabase(t, database).Exec(`UPDATE outbox SET claimed_until = NULL, next_at = created_at`)
	if err != nil {
		t.Fatal(err)
	}
	again := start(t, database, "--smtp-url", post.URL)
	checkMailedOnce(t, database, post, everyone...)
	again.kill()

	last := start(t, database, "--smtp-url", post.URL) // sends no email again
	last.signIn(t, danaEmail, danaPassword).inviteMany("late@acme.example")
	checkMailedOnce(t, database, post, append(everyone, "late@acme.example")...)
}

// TestNodesSendEachMailOnce queues emails at two nodes, which both send them.
func TestNodesSendEachMailOnce(t *testing.T) {
	t.Parallel()
	database := postgrestest.URL(t)
	post := smtptest.New(t)
	one, two := start(t, database, "--smtp-url", post.URL), start(t, database, "--smtp-url", post.URL)
	dana := one.setUp(t)
	there := dana.elsewhere(two)
	var everyone []string
	for n := range 10 {
		everyone = append(everyone, fmt.Sprintf("p%d@host%d.example", n, n), fmt.Sprintf("q%d@host%d.example", n, n))
	}
	dana.inviteMany(everyone[:10]...)
	there.inviteMany(everyone[10:]...)
	checkMailedOnce(t, database, post, everyone...)
}
