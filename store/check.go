package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"

	"github.com/keylodge/keylodge/internal/secret"
	"github.com/keylodge/keylodge/internal/workspace"
)

// Damage returns what the database finds wrong with itself: on SQLite by PRAGMA
// quick_check; on PostgreSQL, which has no such check for all, by reading every
// table.
func (s *Store) Damage(ctx context.Context) (found []string, err error) {
	if s.engine.selfCheck != "" {
		found, err = queryAll(ctx, s.reader, single[string], s.engine.selfCheck)
		return slices.DeleteFunc(found, func(line string) bool { return line == "ok" }), err
	}
	for _, table := range copiedTables {
		if _, err := queryOne(ctx, s.reader, single[int64], `SELECT COUNT(*) FROM `+table); err != nil {
			return nil, err
		}
	}
	return nil, nil
}

// MigrationsTaken returns how many steps the database has taken, and how many
// this program knows. It fails as [Store.Migrate] does when these are not the
// same steps, and changes nothing.
func (s *Store) MigrationsTaken(ctx context.Context) (taken, known int, err error) {
	all, err := migrations()
	if err != nil {
		return 0, 0, err
	}
	if err := s.checkForeign(ctx, s.reader); err != nil {
		return 0, 0, err
	}
	steps, err := s.reader.listMigrations(ctx)
	if err != nil {
		return 0, 0, err
	}
	return len(steps), len(all), checkTaken(steps, all)
}

// WrongCount is a member whose row does not count their keys as they are.
type WrongCount struct {
	Slug, UserID, Email                            string
	Unrevoked, Revoked, TrueUnrevoked, TrueRevoked int64
}

// WrongCounts calls use for each member whose keys are counted wrongly, and
// returns how many members were looked at.
func (s *Store) WrongCounts(ctx context.Context, use func(WrongCount)) (members int, err error) {
	err = s.snapshot(ctx, func(r reader) error {
		if members, err = queryOne(ctx, r, single[int], `SELECT COUNT(*) FROM members`); err != nil {
			return err
		}
		return r.eachRow(ctx, func(rows *sql.Rows) error {
			var c WrongCount
			err := rows.Scan(&c.Slug, &c.UserID, &c.Email, &c.Unrevoked, &c.Revoked, &c.TrueUnrevoked, &c.TrueRevoked)
			if err == nil {
				use(c)
			}
			return err
		}, `
			SELECT w.slug, m.user_id, u.email, m.unrevoked_keys, m.revoked_keys,
				COALESCE(k.unrevoked, 0), COALESCE(k.revoked, 0)
			FROM members m JOIN workspaces w ON w.id = m.workspace_id JOIN users u ON u.id = m.user_id
			LEFT JOIN (
				SELECT workspace_id, owner_id, COUNT(*) - COUNT(revoked_at) AS unrevoked, COUNT(revoked_at) AS revoked
				FROM keys GROUP BY workspace_id, owner_id
			) k ON k.workspace_id = m.workspace_id AND k.owner_id = m.user_id
			WHERE m.unrevoked_keys <> COALESCE(k.unrevoked, 0) OR m.revoked_keys <> COALESCE(k.revoked, 0)
			ORDER BY w.slug, m.user_id`)
	})
	return members, err
}

// CheckChains reads every chain of audit events, as of one moment and one
// event at a time. It calls report for each place where one is not whole,
// and returns the heads.
func (s *Store) CheckChains(ctx context.Context, report func(workspace.Break)) (
	heads []workspace.ChainHead, err error) {
	err = s.snapshot(ctx, func(r reader) error {
		if heads, err = r.chainHeads(ctx); err != nil {
			return err
		}
		for i, head := range heads {
			check := workspace.CheckChain(head, report)
			if err := r.eachRow(ctx, chainedEvent(check.Event), selectChain, head.WorkspaceID); err != nil {
				return err
			}
			heads[i] = check.End()
		}
		return nil
	})
	return heads, err
}

// chainHeads returns the head of each chain, and an empty one for events
// without a head.
func (r reader) chainHeads(ctx context.Context) ([]workspace.ChainHead, error) {
	columns := func(h *workspace.ChainHead) []any {
		return []any{&h.WorkspaceID, &h.Slug, &h.Number, (*lenientDigest)(&h.Hash), &h.Unnumbered}
	}
	return queryAll(ctx, r, columns, `
		SELECT c.workspace_id, COALESCE(w.slug, ''), COALESCE(h.number, 0), h.hash,
			(SELECT COUNT(*) FROM events e WHERE e.workspace_id = c.workspace_id AND e.number IS NULL)
		FROM (SELECT workspace_id FROM audit_heads UNION SELECT workspace_id FROM events) c
		LEFT JOIN audit_heads h ON h.workspace_id = c.workspace_id
		LEFT JOIN workspaces w ON w.id = c.workspace_id
		ORDER BY c.workspace_id`)
}

const selectChain = `
	SELECT id, workspace_id, number, hash, at, actor_kind, actor_id, action, target_id, details, address, request_id
	FROM events WHERE workspace_id = $1 AND number IS NOT NULL ORDER BY number`

// chainedEvent scans an event that may have been tampered with: a value that
// can't be read is an altered event, not an end of the check.
func chainedEvent(use func(workspace.Event)) func(*sql.Rows) error {
	return func(rows *sql.Rows) error {
		var e workspace.Event
		err := rows.Scan(&e.ID, &e.WorkspaceID, &e.Number, (*lenientDigest)(&e.Hash), (*lenientMoment)(&e.At),
			&e.ActorKind, &e.ActorID,
			&e.Action, &e.TargetID, (*lenientDetails)(&e.Details), &e.IP, &e.RequestID)
		if err == nil {
			use(e)
		}
		return err
	}
}

// These read what is there as the others do, and anything else as something
// that nobody has written.
type (
	lenientDigest  secret.Digest
	lenientMoment  moment
	lenientDetails details
)

// Scan implements [sql.Scanner].
func (d *lenientDigest) Scan(src any) error {
	*d = lenientDigest{}
	if (*digest)(d).Scan(src) != nil {
		*d = lenientDigest{}
	}
	return nil
}

// Scan implements [sql.Scanner].
func (m *lenientMoment) Scan(src any) error {
	if (*moment)(m).Scan(src) != nil {
		*m = lenientMoment{}
	}
	return nil
}

// Scan implements [sql.Scanner].
func (d *lenientDetails) Scan(src any) error {
	*d = nil
	if (*details)(d).Scan(src) != nil {
		*d = lenientDetails{"": fmt.Sprint(src)}
	}
	return nil
}
