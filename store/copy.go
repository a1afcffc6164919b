package store

import (
	"context"
	"slices"

	"github.com/keylodge/keylodge/internal/workspace"
)

// copiedTables are all tables but schema_migrations, each after those that it
// refers to.
var copiedTables = []string{
	"workspaces", "users", "members", "keys", "old_secrets", "last_uses", "key_hours", "workspace_hours",
	"key_sources", "usage_batches", "change_counter", "changes",
	"sessions", "invitations", "one_time_tokens", "throttles", "known_devices", "totps", "recovery_codes", "passkeys",
	"providers", "identities", "jobs", "job_keys", "scope_catalogues", "webhooks", "outbox",
	"events", "audit_heads",
}

// CopiedTable is a table that was copied, and how many rows it has.
type CopiedTable struct {
	Name string
	Rows int
}

// CopyTo makes target, a migrated database, hold what s holds, as of one
// moment, and nothing else. It is one transaction of target, and is committed
// only when each table has the same rows in both, by their number and by a
// digest. It returns a [workspace.Error] of kind Conflict when target is
// neither empty nor an earlier copy of s, or has been changed since: then
// nothing is copied.
func (s *Store) CopyTo(ctx context.Context, target *Store) (copied []CopiedTable, err error) {
	err = s.snapshot(ctx, func(from reader) error {
		return target.inTransaction(ctx, target.engine.write, func(to reader) error {
			if err := mayReplace(ctx, from, to); err != nil {
				return err
			}
			for _, table := range slices.Backward(copiedTables) {
				if _, err := to.exec(ctx, `DELETE FROM `+table); err != nil {
					return err
				}
			}
			copied = nil
			for _, table := range copiedTables {
				n, err := copyTable(ctx, from, to, table)
				if err != nil {
					return err
				}
				copied = append(copied, CopiedTable{table, n})
			}
			return nil
		})
	})
	if err == nil {
		target.engine.changed()
	}
	return copied, err
}

// mayReplace reports whether a target holds nothing of its own. Change numbers
// are partly random: one that the source's history knows was copied from it,
// and nothing that a key depends on has been changed at the target since.
//
// It takes the counter's row first, so that nothing is changed there until the
// copy is done.
func mayReplace(ctx context.Context, from, to reader) error {
	if _, err := to.exec(ctx, `UPDATE change_counter SET number = number`); err != nil {
		return err
	}
	some, err := to.Workspaces(ctx, workspace.WorkspaceFilter{Limit: 1})
	if err != nil || len(some) == 0 {
		return err
	}
	number, err := queryOne(ctx, to, single[int64], newestNumber)
	if err != nil {
		return err
	}
	own, err := hasOwnEvents(ctx, from, to)
	if err != nil {
		return err
	}
	if own {
		return errNoCopy
	}
	newest, err := queryOne(ctx, from, single[int64], newestNumber)
	if err != nil || number == newest {
		return err
	}
	known, err := from.knowsChange(ctx, number)
	if err == nil && !known {
		return errNoCopy
	}
	return err
}

var errNoCopy = &workspace.Error{Kind: workspace.Conflict,
	Message: "The target is another installation, or has been changed since it was copied. " +
		"Nothing was copied. To copy all the same, empty it first."}
