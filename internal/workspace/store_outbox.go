package workspace

import (
	"context"
	"time"
)

// OutboxReader reads messages that leave by email or webhook.
type OutboxReader interface {
	// DueRoutes returns the routes with messages of a channel that may be
	// claimed at a moment, in the order of their lanes.
	DueRoutes(ctx context.Context, channel Channel, now time.Time) ([]Route, error)
	// QueuedMessages counts the messages that wait in a lane, up to limit.
	QueuedMessages(ctx context.Context, channel Channel, lane string, limit int) (int, error)
	// UndeliveredMessages returns up to limit messages of a workspace that were
	// given up, the newest first.
	UndeliveredMessages(ctx context.Context, workspaceID string, limit int) ([]Message, error)
}

// OutboxTx changes messages that leave by email or webhook in a write
// transaction.
type OutboxTx interface {
	InsertMessage(ctx context.Context, m Message) error
	// ClaimMessage claims the oldest message of a route that is due, until a
	// moment, and counts the attempt. It returns [ErrNotFound] when none is
	// due. Of two callers at once only one gets a message.
	ClaimMessage(ctx context.Context, channel Channel, route Route, now, until time.Time) (Message, error)
	// UpdateMessage sets when a message is sent next, its deadline, error,
	// claim and whether it was given up. Of the messages that were given up, a
	// workspace keeps the newest MaxUndelivered. UpdateMessage returns false,
	// and changes nothing, when the message is gone or has been claimed again:
	// m.Attempts tells.
	UpdateMessage(ctx context.Context, m Message) (bool, error)
	DeleteMessage(ctx context.Context, id string) error
	// GiveUpMessages gives up, and returns, the messages past their deadline
	// that nobody is sending. Of the messages that were given up, a workspace
	// keeps the newest MaxUndelivered.
	GiveUpMessages(ctx context.Context, now time.Time) ([]Message, error)
	// TakeUndelivered deletes a message that was given up, and returns it.
	TakeUndelivered(ctx context.Context, workspaceID, id string) (Message, error)
}
