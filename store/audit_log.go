package store

import (
	"context"
	"errors"
	"time"

	"github.com/keylodge/keylodge/internal/workspace"
)

// listedEvent is a row of a list of events. Its people are members only so far
// as a display name needs.
type listedEvent struct {
	workspace.ListedEvent
	actor, target workspace.Member
	keyID, key    string
}

func listedEventColumns(e *listedEvent) []any {
	return []any{
		&e.ID, &e.WorkspaceID, (*optionalNumber)(&e.Number), (*optionalDigest)(&e.Hash), (*moment)(&e.At), &e.ActorKind,
		&e.ActorID, &e.Action, &e.TargetID,
		(*details)(&e.Details), &e.IP, &e.RequestID, (*optional)(&e.actor.Name), (*optional)(&e.actor.Email),
		(*optional)(&e.target.Name), (*optional)(&e.target.Email), (*optional)(&e.keyID), (*optional)(&e.key),
	}
}

// Events implements [workspace.Reader]. The page is cut before the joins.
func (r reader) Events(ctx context.Context, q workspace.EventQuery) ([]workspace.ListedEvent, error) {
	var after time.Time
	if q.After != "" {
		at, err := queryOne(ctx, r, single[moment], `
			SELECT at FROM events WHERE id = $1 AND workspace_id = $2`, q.After, q.WorkspaceID)
		if errors.Is(err, workspace.ErrNotFound) {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		after = time.Time(at)
	}
	where := eventConditions(q, after)
	rows, err := queryAll(ctx, r, listedEventColumns, `
		SELECT e.id, e.workspace_id, e.number, e.hash, e.at, e.actor_kind, e.actor_id, e.action, e.target_id,
			e.details, e.address, e.request_id,
			actor.name, actor.email, target.name, target.email, k.id, k.name
		FROM (SELECT * FROM events WHERE `+where.text()+`
			ORDER BY at DESC, id DESC LIMIT `+where.place(q.Limit)+`) e
		LEFT JOIN users actor ON actor.id = e.actor_id
		LEFT JOIN users target ON target.id = e.target_id
		LEFT JOIN keys k ON k.id = e.target_id
		ORDER BY e.at DESC, e.id DESC`, where.args...)
	events := make([]workspace.ListedEvent, 0, len(rows))
	for _, row := range rows {
		row.ActorName, row.TargetName = row.actor.DisplayName(), row.target.DisplayName()
		if row.keyID != "" {
			row.TargetName = workspace.Key{Name: row.key}.Title()
		}
		events = append(events, row.ListedEvent)
	}
	return events, err
}

// eventConditions returns the conditions of a page. after is the time of
// q.After.
func eventConditions(q workspace.EventQuery, after time.Time) *conditions {
	var where conditions
	where.add(`workspace_id = $%d`, q.WorkspaceID)
	where.add(eventsIndex(q))
	if q.ActorID != "" {
		where.add(`actor_id = $%d`, q.ActorID)
	}
	if q.TargetID != "" {
		where.add(`target_id = $%d`, q.TargetID)
	}
	if q.Action != "" {
		where.add(`action = $%d`, q.Action)
	}
	if !q.From.IsZero() {
		where.add(`at >= $%d`, moment(q.From))
	}
	switch { // one end only: of two, SQLite walks from whichever comes first in the text
	case q.After != "" && (q.To.IsZero() || after.Before(q.To)):
		where.add(`(at, id) < ($%d, $%d)`, moment(after), q.After)
	case !q.To.IsZero():
		where.add(`at < $%d`, moment(q.To))
	}
	return &where
}

// eventsIndex is the condition of the indexes that a page may walk along.
func eventsIndex(q workspace.EventQuery) string {
	switch {
	case q.TargetID != "":
		return `target_id <> ''`
	case q.ActorID != "":
		return `actor_id <> ''`
	case q.Action != "":
		return `action <> ''`
	}
	return `id <> ''`
}
