package workspace

import (
	"context"
	"time"
)

// AuditReader reads the audit log.
type AuditReader interface {
	// Events returns audit events, the newest first.
	Events(ctx context.Context, q EventQuery) ([]ListedEvent, error)
}

// AuditTx changes the audit log in a write transaction.
type AuditTx interface {
	// InsertEvent gives an event its place in its chain and writes it down,
	// both as the last thing that the transaction does: its Number and Hash are
	// not yet known when InsertEvent returns.
	InsertEvent(ctx context.Context, e Event) error
	// PruneEvents deletes up to limit events of a workspace from before a
	// moment, from the beginning of its log on and up to the first that is not.
	// Nobody else writes to that log until the transaction ends.
	PruneEvents(ctx context.Context, workspaceID string, before time.Time, limit int) (PrunedEvents, error)
}
