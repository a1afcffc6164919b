package workspace_test

import (
	"testing"
	"time"

	"github.com/keylodge/keylodge/internal/workspace"
)

// TestMessagesAreRetriedForThreeDays moves the clock from attempt to attempt.
func TestMessagesAreRetriedForThreeDays(t *testing.T) {
	o := newOffice(t)
	o.hears()
	o.fill(1)
	began, attempts, id := o.clock, 0, ""
	for o.clock.Sub(began) < 4*24*time.Hour {
		m, ok := o.claim(workspace.ChannelMail)
		if !ok {
			o.clock = o.clock.Add(10 * time.Second)
			continue
		}
		attempts++
		id = m.ID
		outcome := o.fail(o.prepare(m), workspace.SendError{Text: "The mail server answered 451."})
		if outcome == workspace.OutcomeGivenUp {
			break
		}
	}
	if days := o.clock.Sub(began); days < 3*24*time.Hour || days > 3*24*time.Hour+time.Minute || attempts < 15 ||
		attempts > 60 {
		t.Errorf("given up after %v and %d attempts", days, attempts)
	}
	list, err := o.UndeliveredMessages(t.Context(), o.dana)
	if err != nil || len(list) != 1 || list[0].ID != id || list[0].LastError != "The mail server answered 451." ||
		!list[0].GivenUpAt.Equal(o.clock) {
		t.Fatalf("the page shows %+v %v", list, err)
	}
	expectKind(t, "without a fresh proof", o.RetryMessage(t.Context(), o.dana, id), workspace.Unproven)
	expectKind(t, "without a fresh proof", o.DismissMessage(t.Context(), o.dana, id), workspace.Unproven)
	o.dana.ProvenAt = o.clock
	lina := o.hire("lina@acme.example", workspace.RoleDeveloper)
	_, err = o.UndeliveredMessages(t.Context(), lina)
	expectKind(t, "a developer looks", err, workspace.Forbidden)
	expectKind(t, "a developer retries", o.RetryMessage(t.Context(), lina, id), workspace.Forbidden)
	expectKind(t, "a developer dismisses", o.DismissMessage(t.Context(), lina, id), workspace.Forbidden)

	o.dana.ProvenAt = o.clock
	if err := o.RetryMessage(t.Context(), o.dana, id); err != nil {
		t.Fatal(err)
	}
	expectKind(t, "twice", o.RetryMessage(t.Context(), o.dana, id), workspace.NotFound)
	m, ok := o.claim(workspace.ChannelMail)
	if !ok || m.ID != id {
		t.Fatalf("retried: %+v", m)
	}
	if o.fail(o.prepare(m), workspace.SendError{Text: "no", Final: true}) != workspace.OutcomeGivenUp {
		t.Error("what is final was not given up")
	}
	if err := o.DismissMessage(t.Context(), o.dana, id); err != nil {
		t.Error(err)
	}
	if list, err := o.UndeliveredMessages(t.Context(), o.dana); err != nil || len(list) != 0 {
		t.Errorf("after it was dismissed: %v %v", list, err)
	}
	if n := o.count(workspace.ActionMessageRetried) + o.count(workspace.ActionMessageDismissed); n != 2 {
		t.Errorf("%d events", n)
	}
}

// TestARetriedEmailHasALinkThatWorks gives up an email with a link, before and
// after the link expires.
func TestARetriedEmailHasALinkThatWorks(t *testing.T) {
	o := newOffice(t)
	o.hears()
	o.dana.Slug = "acme"
	if err := o.AskToChangeEmail(t.Context(), o.dana, "dana@new.example"); err != nil {
		t.Fatal(err)
	}
	giveUp := func() string {
		t.Helper()
		for {
			m, ok := o.claim(workspace.ChannelMail)
			if !ok {
				t.Fatal("the email to the new address is not due")
			}
			if m.Kind == workspace.MessageEmail {
				o.fail(o.prepare(m), workspace.SendError{Text: "no", Final: true})
				return m.ID
			}
		}
	}
	id := giveUp()
	if err := o.RetryMessage(t.Context(), o.dana, id); err != nil {
		t.Fatal(err)
	}
	if giveUp() != id {
		t.Fatal("another message was sent")
	}
	o.clock = o.clock.Add(24 * time.Hour)
	o.dana.ProvenAt = o.clock
	expectKind(t, "after a day", o.RetryMessage(t.Context(), o.dana, id), workspace.Conflict)
	if list, err := o.UndeliveredMessages(t.Context(), o.dana); err != nil || len(list) != 1 ||
		list[0].MayRetry(o.clock) {
		t.Errorf("the page shows %+v %v", list, err)
	}
}

// TestMessagesThatNobodyCanTry are given up all the same, as without a mail
// server.
func TestMessagesThatNobodyCanTry(t *testing.T) {
	o := newOffice(t)
	o.hears()
	o.fill(3)
	for _, c := range []struct {
		after time.Duration
		want  int
	}{{workspace.MessageLifetime - time.Microsecond, 0}, {time.Microsecond, 3}, {time.Hour, 0}} {
		o.clock = o.clock.Add(c.after)
		if given, err := o.GiveUpMessages(t.Context()); err != nil || len(given) != c.want {
			t.Errorf("after %v more: %d %v", c.after, len(given), err)
		}
	}
}

// TestAMailServerThatIsOutCostsNoMessage fails for the server's sake until
// after the deadline.
func TestAMailServerThatIsOutCostsNoMessage(t *testing.T) {
	o := newOffice(t)
	o.hears()
	o.fill(1)
	m, _ := o.claim(workspace.ChannelMail)
	if got := o.fail(workspace.Outgoing{Message: m},
		workspace.SendError{Text: "out", Relay: true, Final: true}); got != workspace.OutcomeRetry {
		t.Errorf("it is %s", got)
	}
	if _, ok := o.claim(workspace.ChannelMail); !ok {
		t.Error("it is not due at once")
	}
}

func TestRetryDelay(t *testing.T) {
	for failures, want := range map[int]time.Duration{0: 10 * time.Second, 1: 10 * time.Second, 2: 30 * time.Second,
		5: 810 * time.Second, 8: 4 * time.Hour, 1000: 4 * time.Hour} {
		seen := map[time.Duration]bool{}
		for range 20 {
			got := workspace.RetryDelay(failures)
			seen[got] = true
			if got < want*3/4 || got > want*5/4 {
				t.Errorf("after %d failures: %v", failures, got)
			}
		}
		if len(seen) < 10 {
			t.Errorf("after %d failures there is no jitter: %v", failures, seen)
		}
	}
}
