package workspace

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"time"
)

// Route is one lane's messages to one host.
type Route struct{ Lane, Host string }

// Outgoing is a claimed message that is ready to be sent.
type Outgoing struct {
	Message
	Mail Mail // for [ChannelMail]
	Hook Hook // for [ChannelWebhook]
}

// SendError is why a message was not accepted, and what that means for it.
type SendError struct {
	Text       string        // safe to show: no email, path or text from the server
	Code       int           // the server's answer; 0: none
	Final      bool          // another attempt would fail too
	Gone       bool          // the webhook answered 410 Gone
	OnlyThis   bool          // the webhook refuses this message, not every message
	Relay      bool          // the mail server accepts no messages now
	RetryAfter time.Duration // what the server asked for; 0: nothing
	Cause      error         // for the log
}

// Error returns the text and the cause.
func (e *SendError) Error() string {
	if e.Cause == nil {
		return e.Text
	}
	return e.Text + ": " + e.Cause.Error()
}

// Unwrap returns the cause.
func (e *SendError) Unwrap() error { return e.Cause }

// Outcome is what became of a message that was not accepted.
type Outcome string

// The outcomes.
const (
	OutcomeRetry   Outcome = "retry"
	OutcomeGivenUp Outcome = "given up"
	OutcomeOff     Outcome = "webhook off" // and its messages are deleted
)

const (
	// SendLimit is how long one attempt may take.
	SendLimit = 15 * time.Second

	claimLease     = 40 * time.Second // for an attempt and recording its outcome; then another node may try
	firstRetry     = 10 * time.Second
	longestRetry   = 4 * time.Hour
	undeliveredAge = 30 * 24 * time.Hour
)

// DueRoutes returns the routes of a channel that have messages due.
func (s *Service) DueRoutes(ctx context.Context, channel Channel) ([]Route, error) {
	return s.store.DueRoutes(ctx, channel, s.clock())
}

// QueuedMessages returns a channel that receives after this node has committed
// messages.
func (s *Service) QueuedMessages(channel Channel) <-chan struct{} { return s.store.Queued(channel) }

// ClaimMessage claims the oldest message of a route that is due: for a while no
// other node sends it. It returns [ErrNotFound] when none is due.
func (s *Service) ClaimMessage(ctx context.Context, channel Channel, route Route) (m Message, err error) {
	now := s.clock()
	err = s.sweep(ctx, func(tx Tx) error {
		m, err = tx.ClaimMessage(ctx, channel, route, now, now.Add(claimLease))
		return err
	})
	return m, err
}

// MessageSent deletes a message that was accepted. A crash before it returns
// has the message sent again, with the same id.
func (s *Service) MessageSent(ctx context.Context, m Message) error {
	return s.sweep(ctx, func(tx Tx) error {
		if m.Channel == ChannelWebhook {
			if err := clearFailures(ctx, tx, m.WorkspaceID); err != nil {
				return err
			}
		}
		return tx.DeleteMessage(ctx, m.ID)
	})
}

// MessageReleased gives up a claim: the message was not sent, or failed for
// reasons that are not its own.
func (s *Service) MessageReleased(ctx context.Context, m Message, text string) error {
	m.ClaimedUntil, m.LastError = time.Time{}, text
	return s.sweep(ctx, func(tx Tx) error {
		_, err := tx.UpdateMessage(ctx, m)
		return err
	})
}

// MessageFailed records that a message was not accepted: it is tried again
// later or given up, or its webhook is turned off. When the mail server accepts
// no messages at all, the message stays due.
func (s *Service) MessageFailed(ctx context.Context, out Outgoing, failed *SendError) (Outcome, error) {
	m, now := out.Message, s.clock()
	m.LastError, m.ClaimedUntil = failed.Text, time.Time{}
	switch {
	case failed.Gone:
		return OutcomeOff, s.turnWebhookOff(ctx, m.WorkspaceID, out.Hook.URL)
	case failed.Relay && now.Before(m.Deadline):
		return OutcomeRetry, s.MessageReleased(ctx, m, failed.Text)
	}
	outcome := OutcomeRetry
	if failed.Final || !now.Before(m.Deadline) {
		outcome, m.GivenUpAt = OutcomeGivenUp, now
	} else {
		m.NextAt = earlier(now.Add(max(RetryDelay(m.Attempts), min(failed.RetryAfter, longestRetry))), m.Deadline)
	}
	return outcome, s.sweep(ctx, func(tx Tx) error {
		if m.Channel == ChannelWebhook && !failed.Final && !failed.OnlyThis {
			if err := s.pauseWebhook(ctx, tx, m.WorkspaceID, failed); err != nil {
				return err
			}
		}
		_, err := tx.UpdateMessage(ctx, m)
		return err
	})
}

// pauseWebhook pauses a webhook after a failure, so that its other messages
// don't each wait for the same timeout. Of two that fail together, one counts.
func (s *Service) pauseWebhook(ctx context.Context, tx Tx, workspaceID string, failed *SendError) error {
	was, err := tx.Webhook(ctx, workspaceID)
	if err != nil {
		return whenNotFound(err, nil)
	}
	now := s.clock()
	if now.Before(was.PausedUntil) {
		return nil
	}
	w := was
	w.Failures++
	w.PausedUntil = now.Add(max(RetryDelay(w.Failures), min(failed.RetryAfter, longestRetry)))
	_, err = tx.UpdateWebhook(ctx, workspaceID, was, w)
	return err
}

// clearFailures ends the pause of a webhook that works again.
func clearFailures(ctx context.Context, tx Tx, workspaceID string) error {
	was, err := tx.Webhook(ctx, workspaceID)
	if err != nil || was.Failures == 0 {
		return whenNotFound(err, nil)
	}
	w := was
	w.Failures, w.PausedUntil = 0, time.Time{}
	_, err = tx.UpdateWebhook(ctx, workspaceID, was, w)
	return err
}

func (s *Service) turnWebhookOff(ctx context.Context, workspaceID, url string) error {
	actor := Actor{Kind: ActorServer, WorkspaceID: workspaceID}
	return s.act(ctx, actor, noPermission, func(tx Tx, a *act) error {
		was, err := tx.Webhook(ctx, workspaceID)
		if err != nil || was.URL != url || !was.OffAt.IsZero() {
			return errUnlessChanged(false, whenNotFound(err, nil))
		}
		w := was
		w.OffAt = s.clock()
		a.record(ActionWebhookTurnedOff, workspaceID, map[string]string{"host": URLHost(url), "answer": "410 Gone"})
		return errUnlessChanged(tx.UpdateWebhook(ctx, workspaceID, was, w))
	})
}

// RetryDelay returns how long to wait after a number of failures: three times
// as long after each, with jitter of a quarter, and four hours at most.
func RetryDelay(failures int) time.Duration {
	delay := firstRetry
	for range failures - 1 {
		if delay = 3 * delay; delay >= longestRetry {
			delay = longestRetry
			break
		}
	}
	var random [2]byte
	rand.Read(random[:])
	return delay*3/4 + delay/2*time.Duration(binary.BigEndian.Uint16(random[:]))/(1<<16)
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// GiveUpMessages gives up the messages whose deadline has passed without an
// attempt, and returns them.
func (s *Service) GiveUpMessages(ctx context.Context) (all []Message, err error) {
	err = s.sweep(ctx, func(tx Tx) error {
		all, err = tx.GiveUpMessages(ctx, s.clock())
		return err
	})
	return all, err
}
