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

// Channel is the way in which a message leaves.
type Channel string

// The channels.
const (
	ChannelMail    Channel = "mail"
	ChannelWebhook Channel = "webhook"
)

// MessageKind says what a message is about, and so how its text is made.
type MessageKind string

// The kinds of message. Those with a link hold no text: it is written when the
// message is sent, because the database holds no token.
const (
	MessageText        MessageKind = "text"           // an email whose text is in the row
	MessageReset       MessageKind = "password_reset" // an email with a link that sets a password
	MessageEmail       MessageKind = "email_change"   // an email with a link that confirms an address
	MessageCancelEmail MessageKind = "cancel_email"   // an email with a link that cancels a change of email
	MessageInvitation  MessageKind = "invitation"     // an email with a link to join a workspace
	MessageEvent       MessageKind = "event"          // a webhook message whose body is in the row
)

// Message is one message to the outside that waits to be delivered, or that was
// given up. It holds no token.
type Message struct {
	ID           string // also the Message-ID and the Webhook-Id: each attempt has the same
	WorkspaceID  string // empty: about an account, in no workspace
	Channel      Channel
	Kind         MessageKind
	Lane         string // the workspace or, without one, the host: what it shares a queue with
	Host         string // the domain of an email; a webhook's host
	To           string // an email; empty for a webhook
	UserID       string // whose account a link in it acts on; else empty
	Payload      string // a JSON object
	CreatedAt    time.Time
	NextAt       time.Time // it is not sent before
	Deadline     time.Time // it is given up then
	Attempts     int       // how often it was claimed
	LastError    string    // safe to show
	ClaimedUntil time.Time // zero: nobody is sending it
	GivenUpAt    time.Time // zero: it waits
}

// Links makes the links in messages. The zero Links makes none: then no message
// is written either, as by the commands that are no server.
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
	maxQueuedAsked      = 500  // of them, what people asked for: the rest is kept for notices
	maxMailsPerHour     = 100  // to one recipient
	maxMailsPerHourAsks = 30   // of them, what people asked for
)

// urgency says what becomes of a message when too many wait.
type urgency uint8

const (
	asked  urgency = iota // somebody asked for it and can ask again: they get an error
	notice                // it tells of an act that must not fail for it: it is dropped
)

var errTooManyMails = &Error{Kind: Throttled, Message: "Too many emails wait to be sent. Try again later.",
	RetryAfter: 10 * time.Minute}

// enqueue writes a message in the transaction of the act that causes it. It
// returns false when too many messages wait and the message is only a notice,
// and an [Error] of kind Throttled when somebody asked for it.
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

// mayQueue reports whether the outbox takes another message: so many wait in a
// lane at most, and one recipient gets so many emails in an hour.
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

// mailText writes an email that needs no link with a token. It is a notice.
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

// mailLink writes an email with a link with a token, which somebody asked for.
func (s *Service) mailLink(ctx context.Context, tx Tx, actor Actor, m Message, p linkPayload) error {
	p.Slug, p.IP, p.RequestID = actor.Slug, actor.Address, actor.RequestID
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

// Title says what a message is about.
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
