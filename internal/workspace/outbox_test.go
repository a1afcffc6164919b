package workspace_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"regexp"
	"strings"
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
	if _, err := o.Invite(t.Context(), o.dana, []string{"dana@acme.example"}, workspace.Developer); err != nil {
		t.Fatal(err)
	}
	if n := o.waiting(workspace.ChannelMail); n != 0 {
		t.Errorf("%d messages wait for an invitation that was refused", n)
	}
	if _, err := o.Invite(t.Context(), o.dana, []string{"lina@acme.example"}, workspace.Developer); err != nil {
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

// TestLinksOfForgottenPasswords asks for them, for those who have an account
// and those who have none.
func TestLinksOfForgottenPasswords(t *testing.T) {
	o := newOffice(t)
	o.hears()
	asker := o.stranger()
	asker.Slug = "acme"
	for _, email := range []string{"Dana@acme.example", "none@acme.example"} {
		before := o.waiting(workspace.ChannelMail)
		if err := o.MailResetLink(t.Context(), asker, email); err != nil ||
			o.waiting(workspace.ChannelMail) != before+1 {
			t.Errorf("%s: %v", email, err)
		}
		o.clock = o.clock.Add(time.Second)
	}
	if n := o.count(workspace.ResetLinkMade); n != 0 {
		t.Errorf("%d links were made before anything was sent", n)
	}
	m, _ := o.claim(workspace.ChannelMail)
	first := tokenIn(o.prepare(m).Mail)
	o.fail(workspace.Outgoing{Message: m}, workspace.SendError{Text: "later"}) // or so it seemed
	o.clock = o.clock.Add(time.Hour)
	sent := o.deliver()
	if len(sent.mails) != 1 || sent.mails[0].To != "dana@acme.example" ||
		!strings.HasPrefix(sent.mails[0].Text[strings.Index(sent.mails[0].Text, "https"):],
			"https://acme.example/password_reset?token=") {
		t.Fatalf("sent: %v", sent.mails)
	}
	second := tokenIn(sent.mails[0])
	if first == second {
		t.Error("the second attempt has the token of the first")
	}
	for _, token := range []string{first, second} { // whichever of the two arrived
		if _, err := o.ResetLink(t.Context(), token); err != nil {
			t.Error(err)
		}
		o.storesNot(token)
	}
	if n := o.waiting(workspace.ChannelMail); n != 0 {
		t.Errorf("%d messages wait", n)
	}
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

// TestInvitationsByMailAndOnThePage uses either link; the other is dead then.
func TestInvitationsByMailAndOnThePage(t *testing.T) {
	for _, mailed := range []bool{true, false} {
		o := newOffice(t)
		o.hears()
		o.dana.Slug = "acme"
		invited, err := o.Invite(t.Context(), o.dana, []string{"lina@acme.example", "mei@acme.example"},
			workspace.Developer)
		if err != nil {
			t.Fatal(err)
		}
		open, err := o.Invitations(t.Context(), o.dana)
		if err != nil || o.WithdrawInvitation(t.Context(), o.dana, open[0].ID) != nil {
			t.Fatal(err)
		}
		sent := o.deliver()
		if len(sent.mails) != 1 || sent.mails[0].To != open[1].Email ||
			!strings.Contains(sent.mails[0].Text, "Dana Okafor invites you to Acme") {
			t.Fatalf("sent: %v", sent.mails)
		}
		onPage, inMail := "", tokenIn(sent.mails[0])
		for _, i := range invited {
			if i.Email == open[1].Email {
				onPage = i.Token
			} else if _, err := o.InvitationOf(t.Context(), o.acme.ID,
				i.Token); workspace.KindOf(err) != workspace.Gone {
				t.Errorf("a withdrawn invitation: %v", err)
			}
		}
		o.storesNot(inMail)
		used, other := onPage, inMail
		if mailed {
			used, other = inMail, onPage
		}
		if _, err := o.InvitationOf(t.Context(), "ws_other", used); workspace.KindOf(err) != workspace.Gone {
			t.Errorf("at another workspace: %v", err)
		}
		if _, err := o.AcceptInvitation(t.Context(), o.stranger(), used, "", password, ""); err != nil {
			t.Fatal(err)
		}
		for _, token := range []string{used, other} {
			if _, err := o.InvitationOf(t.Context(), o.acme.ID, token); workspace.KindOf(err) != workspace.Gone {
				t.Errorf("after it was used: %v", err)
			}
		}
	}
}

// TestNoLinkIsMadeForAChangeThatWasStopped lets a thief's mail server keep a
// message waiting until its owner has stopped it.
func TestNoLinkIsMadeForAChangeThatWasStopped(t *testing.T) {
	o := newOffice(t)
	o.hears()
	stop := func() {
		t.Helper()
		err := o.db.Update(t.Context(), func(tx workspace.Tx) error {
			return tx.DeleteTokensOf(t.Context(), o.dana.UserID) // as with every change of credentials
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	ask := func() {
		t.Helper()
		if err := o.AskToChangeEmail(t.Context(), o.dana, "thief@evil.example"); err != nil {
			t.Fatal(err)
		}
	}
	toThief := func() workspace.Message {
		t.Helper()
		routes, err := o.DueRoutes(t.Context(), workspace.ChannelMail)
		if err != nil {
			t.Fatal(err)
		}
		for _, route := range routes {
			if route.Host != "evil.example" {
				continue
			}
			m, err := o.ClaimMessage(t.Context(), workspace.ChannelMail, route)
			if err != nil {
				t.Fatal(err)
			}
			return m
		}
		t.Fatal("no message waits for the thief")
		return workspace.Message{}
	}
	ask()
	m := toThief()
	link := tokenIn(o.prepare(m).Mail)
	o.fail(workspace.Outgoing{Message: m}, workspace.SendError{Text: "later"})
	stop()
	if _, err := o.EmailChangeLink(t.Context(), o.dana, link); workspace.KindOf(err) != workspace.Gone {
		t.Errorf("the first link: %v", err)
	}
	o.clock = o.clock.Add(time.Hour)
	if sent := o.deliver(); len(sent.mails) != 0 {
		t.Errorf("sent: %v", sent.mails)
	}

	o.dana.ProvenAt = o.clock
	ask()
	m = toThief()
	stop() // while it is being sent
	if _, err := o.PrepareMessage(t.Context(), m); workspace.KindOf(err) != workspace.NotFound {
		t.Errorf("after the claim: %v", err)
	}
}

// TestQueuesAreBounded asks for more mail than may wait: who can ask again is
// refused, and what must happen happens.
func TestQueuesAreBounded(t *testing.T) {
	o := newOffice(t)
	o.hears()
	key := o.addKeyWithSecret()
	admin := o.hire("admin@acme.example", workspace.Admin)
	refused, asked := 0, 0
	for refused == 0 && asked < 2000 {
		var emails []string
		for range 50 {
			emails = append(emails, fmt.Sprintf("p%d@acme.example", asked))
			asked++
		}
		by := []workspace.Actor{o.dana, admin}[asked/50%2] // one person may not ask for that many
		invited, err := o.Invite(t.Context(), by, emails, workspace.Developer)
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
	events, err := o.db.Events(t.Context(), workspace.EventQuery{WorkspaceID: o.acme.ID, Action: workspace.KeyRevoked,
		Limit: 1})
	if err != nil || len(events) != 1 || events[0].Details["messages_dropped"] != "2" {
		t.Errorf("the audit log says %v %v", events, err)
	}
	if sent := o.deliver(); len(sent.mails) != 1000 {
		t.Errorf("%d were sent", len(sent.mails))
	}
}

// fill queues messages to different people.
func (o *office) fill(n int) {
	o.Helper()
	err := o.db.Update(o.Context(), func(tx workspace.Tx) error {
		for i := range n {
			m := workspace.Message{
				ID: fmt.Sprint("msg_fill", i), WorkspaceID: o.acme.ID, Lane: o.acme.ID, Channel: workspace.ChannelMail,
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
func (o *office) addKeyWithSecret() workspace.Secret {
	o.Helper()
	_, secret, err := o.AddKey(o.Context(), o.dana, workspace.NewKey{Name: "CI", Nonce: workspace.NewToken()})
	if err != nil {
		o.Fatal(err)
	}
	return secret
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
	events, err := o.db.Events(t.Context(), workspace.EventQuery{WorkspaceID: o.acme.ID, Action: workspace.KeyRevoked,
		Limit: 1000})
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
		if o.fail(o.prepare(m), workspace.SendError{Text: "The mail server answered 451."}) == workspace.OutcomeGivenUp {
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
	lina := o.hire("lina@acme.example", workspace.Developer)
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
	if n := o.count(workspace.MessageRetried) + o.count(workspace.MessageDismissed); n != 2 {
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
	if list, err := o.UndeliveredMessages(t.Context(), o.dana); err != nil || len(list) != 1 || list[0].MayRetry(o.clock) {
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
		Action: workspace.WebhookTurnedOff, Limit: 9})
	if err != nil || len(events) != 1 || events[0].ActorKind != workspace.ByServer ||
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
