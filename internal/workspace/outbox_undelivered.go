package workspace

import (
	"context"
	"time"
)

// MaxUndelivered is how many messages that were given up a workspace keeps.
const MaxUndelivered = 200

// maxUndeliveredShown is how many messages a page shows.
const maxUndeliveredShown = 50

// UndeliveredMessages returns the newest messages of the actor's workspace that
// were given up.
func (s *Service) UndeliveredMessages(ctx context.Context, actor Actor) ([]Message, error) {
	if _, err := authorize(ctx, s.store, actor, PermitManagePolicies); err != nil {
		return nil, err
	}
	return s.store.UndeliveredMessages(ctx, actor.WorkspaceID, maxUndeliveredShown)
}

// RetryMessage queues a message that was given up once more, with the same id.
// It returns [ErrNotFound] when the message is gone, and an [Error] of kind
// Conflict when it can't be sent.
func (s *Service) RetryMessage(ctx context.Context, actor Actor, id string) error {
	return s.act(ctx, actor, PermitManagePolicies, func(tx Tx, a *act) error {
		m, err := tx.TakeUndelivered(ctx, actor.WorkspaceID, id)
		if err != nil {
			return err
		}
		now := s.clock()
		if !m.MayRetry(now) {
			return &Error{Kind: Conflict, Message: "The link in this message has expired. Ask for a new one."}
		}
		if m.Host, err = s.hostFor(ctx, tx, m); err != nil {
			return err
		}
		if !m.hasLink() {
			m.Deadline = now.Add(MessageLifetime)
		}
		m.NextAt, m.GivenUpAt, m.ClaimedUntil, m.Attempts = now, time.Time{}, time.Time{}, 0
		a.record(ActionMessageRetried, m.ID, messageDetails(m))
		return tx.InsertMessage(ctx, m)
	})
}

// hostFor returns the host to which a message that was given up goes now: the
// webhook's URL may have changed. The [Error] is of kind Conflict when it can't
// be sent.
func (s *Service) hostFor(ctx context.Context, r Reader, m Message) (string, error) {
	if m.Channel == ChannelMail {
		if !s.SendsMail() {
			return "", &Error{Kind: Conflict, Message: "Keylodge sends no email here."}
		}
		return m.Host, nil
	}
	w, err := r.Webhook(ctx, m.WorkspaceID)
	if err == nil && !w.OffAt.IsZero() {
		err = ErrNotFound
	}
	return URLHost(w.URL), whenNotFound(err, &Error{Kind: Conflict, Message: "The webhook is off. Save it first."})
}

// MayRetry reports whether it makes sense to send a message that was given up:
// links in emails expire at the deadline.
func (m Message) MayRetry(now time.Time) bool { return !m.hasLink() || now.Before(m.Deadline) }

func (m Message) hasLink() bool { return m.Kind != MessageText && m.Kind != MessageEvent }

// DismissMessage deletes a message that was given up.
func (s *Service) DismissMessage(ctx context.Context, actor Actor, id string) error {
	return s.act(ctx, actor, PermitManagePolicies, func(tx Tx, a *act) error {
		m, err := tx.TakeUndelivered(ctx, actor.WorkspaceID, id)
		a.record(ActionMessageDismissed, m.ID, messageDetails(m))
		return err
	})
}

func messageDetails(m Message) map[string]string {
	details := map[string]string{"kind": string(m.Kind), "host": m.Host}
	if m.To != "" {
		details["email"] = m.To
	}
	return details
}
