package workspace_test

import (
	"bytes"
	"errors"
	"os"
	"regexp"
	"testing"
	"time"

	"github.com/keylodge/keylodge/internal/workspace"
	"github.com/keylodge/keylodge/store"
)

// told is what people and programs are told.
type told struct {
	mails []workspace.Mail
	hooks []workspace.Hook
}

// hears has the office's people told.
func (o *office) hears() *told {
	o.Service = workspace.NewService(o.db, workspace.Config{
		Now: func() time.Time { return o.clock }, Mail: true, Links: workspace.Links{
			Key: func(w workspace.Workspace, id string) string { return "https://" + w.Slug + ".example/" + id },
			Token: func(slug string, p workspace.Purpose, token string) string {
				return "https://" + slug + ".example/" + string(p) + "?token=" + token
			},
		},
	})
	return &told{}
}

// claim claims the next message of a channel; false: none is due.
func (o *office) claim(channel workspace.Channel) (workspace.Message, bool) {
	o.Helper()
	routes, err := o.DueRoutes(o.Context(), channel)
	if err != nil {
		o.Fatal(err)
	}
	for _, route := range routes {
		m, err := o.ClaimMessage(o.Context(), channel, route)
		if err == nil {
			return m, true
		}
		expectKind(o.T, "claim", err, workspace.NotFound)
	}
	return workspace.Message{}, false
}

// prepare makes a claimed message ready.
func (o *office) prepare(m workspace.Message) workspace.Outgoing {
	o.Helper()
	out, err := o.PrepareMessage(o.Context(), m)
	if err != nil {
		o.Fatal(err)
	}
	return out
}

// deliver takes all that is due, as a server that accepts everything would.
func (o *office) deliver() (t told) {
	o.Helper()
	for _, channel := range []workspace.Channel{workspace.ChannelMail, workspace.ChannelWebhook} {
		for {
			m, ok := o.claim(channel)
			if !ok {
				break
			}
			out, err := o.PrepareMessage(o.Context(), m)
			switch {
			case workspace.KindOf(err) == workspace.NotFound && err != nil:
				err = o.DropMessage(o.Context(), m)
			case err == nil && channel == workspace.ChannelMail:
				t.mails, err = append(t.mails, out.Mail), o.MessageSent(o.Context(), m)
			case err == nil:
				t.hooks, err = append(t.hooks, out.Hook), o.MessageSent(o.Context(), m)
			}
			if err != nil {
				o.Fatal(err)
			}
		}
	}
	return t
}

// fail has an attempt fail, and returns what becomes of the message.
func (o *office) fail(out workspace.Outgoing, failed workspace.SendError) workspace.Outcome {
	o.Helper()
	outcome, err := o.MessageFailed(o.Context(), out, &failed)
	if err != nil {
		o.Fatal(err)
	}
	return outcome
}

func (o *office) waiting(channel workspace.Channel) int {
	o.Helper()
	n, err := o.db.QueuedMessages(o.Context(), channel, o.acme.ID, 10000)
	if err != nil {
		o.Fatal(err)
	}
	return n
}

var mailedToken = regexp.MustCompile(`token=(\S+)`)

func tokenIn(m workspace.Mail) string { return mailedToken.FindStringSubmatch(m.Text)[1] }

// TestAMessageIsWrittenWithItsAct fails an act that sends mail, and looks for
// the mail.
func TestAMessageIsWrittenWithItsAct(t *testing.T) {
	o := newOffice(t)
	o.hears()
	// who is a member
	if _, err := o.Invite(t.Context(), o.dana, []string{"dana@acme.example"}, workspace.RoleDeveloper); err != nil {
		t.Fatal(err)
	}
	if n := o.waiting(workspace.ChannelMail); n != 0 {
		t.Errorf("%d messages wait for an invitation that was refused", n)
	}
	if _, err := o.Invite(t.Context(), o.dana, []string{"lina@acme.example"}, workspace.RoleDeveloper); err != nil {
		t.Fatal(err)
	}
	again := newOfficeAt(t, o) // another process
	if got := again.deliver(); len(got.mails) != 1 || got.mails[0].To != "lina@acme.example" {
		t.Errorf("after a crash there is %v", got)
	}
}

// newOfficeAt opens the office's database as another process would.
func newOfficeAt(t *testing.T, o *office) *office {
	db, err := store.Open(t.Context(), o.file)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	other := *o
	other.db = db
	other.hears()
	return &other
}

// storesNot searches the database for a text.
func (o *office) storesNot(text string) {
	o.Helper()
	for _, suffix := range []string{"", "-wal"} {
		content, err := os.ReadFile(o.file + suffix)
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			o.Fatal(err)
		}
		if bytes.Contains(content, []byte(text)) {
			o.Errorf("the database holds %s", text)
		}
	}
}
