package workspace

import (
	"context"
	"time"
)

// ListedEvent is an event with what a list shows beside it.
type ListedEvent struct {
	Event
	ActorName  string // of a person
	TargetName string // of a person, a service account or a key
}

// EventQuery asks for events of a workspace, the newest first.
type EventQuery struct {
	WorkspaceID string
	ActorID     string    // only theirs; empty: everybody's
	TargetID    string    // only about this; empty: about anything
	Action      Action    // only this; empty: any
	From, To    time.Time // only from one moment and before another; zero: any
	After       string    // only those before the event with this id; empty: from the newest
	Limit       int
}

// EventsPerPage is how many events one page of the audit log has.
const EventsPerPage = 50

// AuditLog returns a page of the workspace's audit log. next is the id to go on
// after, or "".
func (s *Service) AuditLog(ctx context.Context, actor Actor, q EventQuery) (page []ListedEvent, next string,
	err error) {
	if _, err := authorize(ctx, s.store, actor, PermitSeeAuditLog); err != nil {
		return nil, "", err
	}
	q.WorkspaceID, q.Limit = actor.WorkspaceID, EventsPerPage+1
	page, err = s.store.Events(ctx, q)
	if len(page) > EventsPerPage {
		page = page[:EventsPerPage]
		next = page[EventsPerPage-1].ID
	}
	return page, next, err
}
