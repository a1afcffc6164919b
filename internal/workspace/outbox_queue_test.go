package workspace_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/keylodge/keylodge/internal/secret"
	"github.com/keylodge/keylodge/internal/workspace"
)

// TestQueuesAreBounded asks for more mail than may wait: who can ask again is
// refused, and what must happen happens.
func TestQueuesAreBounded(t *testing.T) {
	o := newOffice(t)
	o.hears()
	key := o.addKeyWithSecret()
	admin := o.hire("admin@acme.example", workspace.RoleAdmin)
	o.fill(400)
	refused, asked := 0, 0
	for refused == 0 && asked < 2000 {
		var emails []string
		for range 50 {
			emails = append(emails, fmt.Sprintf("p%d@acme.example", asked))
			asked++
		}
		by := []workspace.Actor{o.dana, admin}[asked/50%2] // one person may not ask for that many
		invited, err := o.Invite(t.Context(), by, emails, workspace.RoleDeveloper)
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range invited {
			if i.Failed != "" {
				refused++
				if i.Token != "" || !strings.Contains(i.Failed, "Too many emails wait") {
					t.Errorf("refused with %+v", i)
				}
			}
		}
	}
	if n := o.waiting(workspace.ChannelMail); n != 500 || refused != 50 {
		t.Errorf("%d wait and %d were refused", n, refused)
	}
	expectKind(t, "a forgotten password", o.MailResetLink(t.Context(), o.stranger(), "dana@acme.example"),
		workspace.Throttled)
	o.fill(500)
	if _, revoked, err := o.ReportLeak(t.Context(), o.stranger(),
		workspace.Leak{Secret: key, By: "GitHub"}); err != nil || !revoked {
		t.Errorf("a leak while too many wait: %v %v", revoked, err)
	}
	events, err := o.db.Events(t.Context(), workspace.EventQuery{WorkspaceID: o.acme.ID,
		Action: workspace.ActionKeyRevoked,
		Limit:  1})
	if err != nil || len(events) != 1 || events[0].Details["messages_dropped"] != "2" {
		t.Errorf("the audit log says %v %v", events, err)
	}
	if n := o.waiting(workspace.ChannelMail); n != 1000 {
		t.Errorf("%d wait", n)
	}
}

// fill queues messages to different people.
func (o *office) fill(n int) {
	o.Helper()
	err := o.db.Update(o.Context(), func(tx workspace.Tx) error {
		for range n {
			m := workspace.Message{
				ID: "msg_" + secret.NewToken(), WorkspaceID: o.acme.ID, Lane: o.acme.ID, Channel: workspace.ChannelMail,
				Kind: workspace.MessageText,
				Host: "acme.example", To: "x@acme.example", Payload: "{}", CreatedAt: o.clock, NextAt: o.clock,
				Deadline: o.clock.Add(workspace.MessageLifetime),
			}
			if err := tx.InsertMessage(o.Context(), m); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		o.Fatal(err)
	}
}

// addKeyWithSecret adds a key of Dana's and returns its secret.
func (o *office) addKeyWithSecret() secret.Secret {
	o.Helper()
	_, keySecret, err := o.AddKey(o.Context(), o.dana, workspace.NewKey{Name: "CI", Nonce: secret.NewToken()})
	if err != nil {
		o.Fatal(err)
	}
	return keySecret
}

// TestOneRecipientGetsSoManyMailsInAnHour reports a hundred leaked keys, and
// then some.
func TestOneRecipientGetsSoManyMailsInAnHour(t *testing.T) {
	o := newOffice(t)
	o.hears()
	sent := 0
	for range 104 {
		o.leak()
		sent += len(o.deliver().mails)
	}
	if sent != 100 {
		t.Errorf("%d were sent in an hour", sent)
	}
	events, err := o.db.Events(t.Context(), workspace.EventQuery{WorkspaceID: o.acme.ID,
		Action: workspace.ActionKeyRevoked,
		Limit:  1000})
	dropped := 0
	for _, e := range events {
		if e.Details["messages_dropped"] != "" {
			dropped++
		}
	}
	if err != nil || dropped != 4 {
		t.Errorf("%d events tell of a message that was dropped; %v", dropped, err)
	}
	o.clock = o.clock.Add(time.Hour)
	o.leak()
	if sent := o.deliver().mails; len(sent) != 1 {
		t.Errorf("%d were sent in the next hour", len(sent))
	}
}
