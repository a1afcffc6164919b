package workspace

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/keylodge/keylodge/internal/secret"
)

// Channel is how a message is delivered.
type Channel string

// The channels.
const (
	ChannelMail    Channel = "mail"
	ChannelWebhook Channel = "webhook"
)

// MessageKind is what a message is about, which decides how its text is made.
type MessageKind string

// The kinds of message. Those with a link hold no text: it is written when the
// message is sent, because the database holds no token.
const (
	MessageText        MessageKind = "text"           // an email whose text is in the row
	MessageReset       MessageKind = "password_reset" // an email with a link that sets a password
	MessageEmail       MessageKind = "email_change"   // an email with a link that confirms an email address
	MessageCancelEmail MessageKind = "cancel_email"   // an email with a link that cancels a change of email
	MessageInvitation  MessageKind = "invitation"     // an email with a link to join a workspace
	MessageEvent       MessageKind = "event"          // a webhook message whose body is in the row
)

// Message is an email or a webhook message that waits to be delivered, or that
// was given up. It holds no token.
type Message struct {
	ID           string // also the Message-ID and the Webhook-Id: each attempt has the same
	WorkspaceID  string // empty: about an account, in no workspace
	Channel      Channel
	Kind         MessageKind
	Lane         string // what it shares a queue with: the workspace or, without one, the host
	Host         string // the domain of an email; a webhook's host
	To           string // an email; empty for a webhook
	UserID       string // the user whose account its link changes; else empty
	Payload      string // a JSON object
	CreatedAt    time.Time
	NextAt       time.Time // when it may be sent
	Deadline     time.Time // when it is given up
	Attempts     int       // how many times it was claimed
	LastError    string    // safe to show
	ClaimedUntil time.Time // zero: no node is sending it
	GivenUpAt    time.Time // zero: it is waiting
}

// Links makes the links in messages. With the zero Links no messages are
// queued: commands other than the server can't make links.
type Links struct {
	Key func(w Workspace, keyID string) string // to a key's page
	// Token makes a link with a one-time token, at a workspace's host or, when
	// slug is empty, at the base host.
	Token func(slug string, p Purpose, token string) string
}

const (
	// MessageLifetime is how long delivery is tried.
	MessageLifetime = 3 * 24 * time.Hour

	maxQueued           = 1000 // messages that wait in a lane
	maxQueuedAsked      = 500  // of them, messages that users asked for; the rest is kept for notices
	maxMailsPerHour     = 100  // to one recipient
	maxMailsPerHourAsks = 30   // of them, emails that users asked for
)

// urgency is what happens to a message when too many are waiting.
type urgency uint8

const (
	asked  urgency = iota // a user asked for it and can ask again: they get an error
	notice                // it is about a change that must not fail: the message is dropped
)

var errTooManyMails = &Error{Kind: Throttled, Message: "Too many emails wait to be sent. Try again later.",
	RetryAfter: 10 * time.Minute}

// enqueue queues a message in the transaction of the mutation that causes it.
// When too many are waiting it returns false for a notice, and an [Error] of
// kind Throttled for a message that a user asked for.
func (s *Service) enqueue(ctx context.Context, tx Tx, m Message, u urgency) (bool, error) {
	now := s.clock()
	m.ID, m.CreatedAt, m.NextAt = newID(hookIDPrefix, now), now, now
	if m.Deadline.IsZero() {
		m.Deadline = now.Add(MessageLifetime)
	}
	if m.Lane = m.WorkspaceID; m.Lane == "" {
		m.Lane = m.Host
	}
	ok, err := s.mayQueue(ctx, tx, m, u)
	switch {
	case err != nil:
		return false, err
	case !ok && u == asked:
		return false, errTooManyMails
	case !ok:
		return false, nil
	}
	return true, tx.InsertMessage(ctx, m)
}

// mayQueue reports whether the outbox takes another message. The messages that
// wait in a lane are limited, and so are the emails to one recipient in an
// hour.
func (s *Service) mayQueue(ctx context.Context, tx Tx, m Message, u urgency) (bool, error) {
	queued, hourly := maxQueued, maxMailsPerHour
	if u == asked {
		queued, hourly = maxQueuedAsked, maxMailsPerHourAsks
	}
	n, err := tx.QueuedMessages(ctx, m.Channel, m.Lane, queued)
	if err != nil || n >= queued {
		return false, err
	}
	if m.Channel != ChannelMail {
		return true, nil
	}
	to := secret.DigestOf(m.To)
	subject := "mail-to:" + hex.EncodeToString(to[:]) + ":" + strconv.FormatInt(m.CreatedAt.Unix()/3600, 10)
	t, err := CountFailure(ctx, tx, subject, m.CreatedAt, m.CreatedAt.Add(-time.Hour))
	return t.Failures <= hourly, err
}

// SendsMail reports whether email is set up.
func (s *Service) SendsMail() bool { return s.mail && s.links.Token != nil }

// mailText queues an email without a token, as a notice.
func (s *Service) mailText(ctx context.Context, tx Tx, workspaceID string, mail Mail) (bool, error) {
	if !s.SendsMail() {
		return true, nil
	}
	payload, err := json.Marshal(textPayload{mail.Subject, mail.Text})
	if err != nil {
		return false, err
	}
	return s.enqueue(ctx, tx, Message{
		WorkspaceID: workspaceID, Channel: ChannelMail, Kind: MessageText, Host: mailDomain(mail.To), To: mail.To,
		Payload: string(payload),
	}, notice)
}

// mailLink queues an email with a link with a token, which a user asked for.
func (s *Service) mailLink(ctx context.Context, tx Tx, actor Actor, m Message, p linkPayload) error {
	p.Slug, p.IP, p.RequestID = actor.Slug, actor.IP, actor.RequestID
	payload, err := json.Marshal(p)
	if err != nil {
		return err
	}
	m.WorkspaceID, m.Channel, m.Host, m.Payload = actor.WorkspaceID, ChannelMail, mailDomain(m.To), string(payload)
	_, err = s.enqueue(ctx, tx, m, asked)
	return err
}

// noteDropped notes in the details of an event how many people and programs
// were not told of it.
func noteDropped(details map[string]string, dropped int) {
	if dropped > 0 {
		details["messages_dropped"] = strconv.Itoa(dropped)
	}
}

// mailDomain returns the host of an email, in lower case.
func mailDomain(email string) string {
	return strings.ToLower(email[strings.LastIndexByte(email, '@')+1:])
}

// Title returns what a message is about, for people.
func (m Message) Title() string {
	switch m.Kind {
	case MessageReset:
		return "Link to set a password"
	case MessageEmail:
		return "Link to confirm an email"
	case MessageCancelEmail:
		return "Link to cancel a change of email"
	case MessageInvitation:
		return "Invitation"
	case MessageEvent:
		var body struct{ Type string }
		json.Unmarshal([]byte(m.Payload), &body) // ours
		return body.Type
	}
	var text textPayload
	json.Unmarshal([]byte(m.Payload), &text) // ours
	return fmt.Sprintf("“%s”", text.Subject)
}
