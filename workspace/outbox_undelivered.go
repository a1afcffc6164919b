package workspace

import (
	"context"
	"time"
)

// maxUndeliveredShown is how many messages a page shows.
const maxUndeliveredShown = 50

// UndeliveredMessages returns the newest messages of the actor's workspace that
// were given up.
func (s *Service) UndeliveredMessages(ctx context.Context, actor Actor) ([]Message, error) {
	if _, err := authorize(ctx, s.store, actor, ManagePolicies); err != nil {
		return nil, err
	}
	return s.store.UndeliveredMessages(ctx, actor.WorkspaceID, maxUndeliveredShown)
}

// RetryMessage queues a message that was given up once more, with the same id.
// It returns [ErrNotFound] when the message is gone, and an [Error] of kind
// Conflict when it can't be sent.
func (s *Service) RetryMessage(ctx context.Context, actor Actor, id string) error {
	return s.manage(ctx, actor, ManagePolicies, MessageRetried, func(tx Tx, _ authority, e *Event) error {
		m, err := tx.TakeUndelivered(ctx, actor.WorkspaceID, id)
		if err != nil {
			return err
		}
		if err := s.maySend(ctx, tx, m); err != nil {
			return err
		}
		now := s.clock()
		m.NextAt, m.Deadline, m.GivenUpAt, m.ClaimedUntil = now, now.Add(MessageLifetime), time.Time{}, time.Time{}
		m.Attempts = 0
		e.TargetID, e.Details = m.ID, messageDetails(m)
		return tx.InsertMessage(ctx, m)
	})
}

// maySend says whether there is a way for a message that was given up.
func (s *Service) maySend(ctx context.Context, r Reader, m Message) error {
	if m.Channel == ChannelMail {
		if !s.SendsMail() {
			return &Error{Kind: Conflict, Message: "Keylodge sends no email here."}
		}
		return nil
	}
	w, err := r.Webhook(ctx, m.WorkspaceID)
	if err == nil && !w.OffAt.IsZero() {
		err = ErrNotFound
	}
	return whenNotFound(err, &Error{Kind: Conflict, Message: "The webhook is off. Save it first."})
}

// DismissMessage deletes a message that was given up.
func (s *Service) DismissMessage(ctx context.Context, actor Actor, id string) error {
	return s.manage(ctx, actor, ManagePolicies, MessageDismissed, func(tx Tx, _ authority, e *Event) error {
		m, err := tx.TakeUndelivered(ctx, actor.WorkspaceID, id)
		e.TargetID, e.Details = m.ID, messageDetails(m)
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
