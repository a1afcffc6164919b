package workspace_test

import (
	"testing"
	"time"

	"github.com/keylodge/keylodge/internal/workspace"
)

// webhook has the office's programs told, and returns a message that waits.
func (o *office) webhook(n int) {
	o.Helper()
	o.dana.ProvenAt = o.clock
	if _, err := o.SetWebhook(o.Context(), o.dana, "https://hooks.acme.example/secret-path"); err != nil {
		o.Fatal(err)
	}
	for range n {
		o.leak()
	}
}

func (o *office) leak() {
	o.Helper()
	o.dana.ProvenAt = o.clock
	if _, revoked, err := o.ReportLeak(o.Context(), o.stranger(),
		workspace.Leak{Secret: o.addKeyWithSecret(), By: "GitHub"}); err != nil || !revoked {
		o.Fatal(revoked, err)
	}
}

// TestRetryAfterIsObeyed holds for every message to the webhook, whichever node
// sends it, and not for ever.
func TestRetryAfterIsObeyed(t *testing.T) {
	for asked, want := range map[time.Duration]time.Duration{time.Hour: time.Hour, 1000 * time.Hour: 4 * time.Hour} {
		o := newOffice(t)
		o.hears()
		o.webhook(2)
		m, _ := o.claim(workspace.ChannelWebhook)
		o.fail(o.prepare(m), workspace.SendError{Text: "busy", Code: 429, RetryAfter: asked})
		o.leak()
		other := newOfficeAt(t, o)
		other.clock = o.clock.Add(want - time.Microsecond)
		if m, ok := other.claim(workspace.ChannelWebhook); ok {
			t.Errorf("asked to wait for %v, another node claims %s too early", asked, m.ID)
		}
		other.clock = o.clock.Add(want)
		if sent := other.deliver(); len(sent.hooks) != 3 {
			t.Errorf("asked to wait for %v, %d are sent after it", asked, len(sent.hooks))
		}
	}
}

// TestAMessageThatIsRefusedHoldsNoOthersUp answers 422 to one.
func TestAMessageThatIsRefusedHoldsNoOthersUp(t *testing.T) {
	o := newOffice(t)
	o.hears()
	o.webhook(2)
	m, _ := o.claim(workspace.ChannelWebhook)
	o.fail(o.prepare(m), workspace.SendError{Text: "no", Code: 422, OnlyThis: true})
	if sent := o.deliver(); len(sent.hooks) != 1 || sent.hooks[0].ID == m.ID {
		t.Errorf("sent: %v", sent.hooks)
	}
}

// TestAWebhookThatIsGoneIsOff until somebody saves it again.
func TestAWebhookThatIsGoneIsOff(t *testing.T) {
	o := newOffice(t)
	o.hears()
	o.webhook(3)
	m, _ := o.claim(workspace.ChannelWebhook)
	if got := o.fail(o.prepare(m), workspace.SendError{Text: "gone", Code: 410,
		Gone: true}); got != workspace.OutcomeOff {
		t.Errorf("it is %s", got)
	}
	o.leak()
	if n := o.waiting(workspace.ChannelWebhook); n != 0 {
		t.Errorf("%d messages wait for a webhook that is off", n)
	}
	w, err := o.Webhook(t.Context(), o.dana)
	if err != nil || !w.OffAt.Equal(o.clock) {
		t.Errorf("the page shows %+v %v", w, err)
	}
	events, err := o.db.Events(t.Context(), workspace.EventQuery{WorkspaceID: o.acme.ID,
		Action: workspace.ActionWebhookTurnedOff, Limit: 9})
	if err != nil || len(events) != 1 || events[0].ActorKind != workspace.ActorServer ||
		events[0].Details["host"] != "hooks.acme.example" {
		t.Errorf("the audit log says %+v %v", events, err)
	}
	o.webhook(1)
	if sent := o.deliver(); len(sent.hooks) != 1 {
		t.Errorf("%d are sent once it is on again", len(sent.hooks))
	}

	o.leak() // a webhook that was replaced while the old one answered is not turned off
	m, _ = o.claim(workspace.ChannelWebhook)
	out := o.prepare(m)
	o.dana.ProvenAt = o.clock
	if _, err := o.SetWebhook(t.Context(), o.dana, "https://new.acme.example/"); err != nil {
		t.Fatal(err)
	}
	o.fail(out, workspace.SendError{Text: "gone", Code: 410, Gone: true})
	if w, err := o.Webhook(t.Context(), o.dana); err != nil || !w.OffAt.IsZero() {
		t.Errorf("the new webhook: %+v %v", w, err)
	}
}
