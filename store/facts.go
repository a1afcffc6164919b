package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/keylodge/keylodge/internal/ratelimit"
	"github.com/keylodge/keylodge/internal/workspace"
)

// factFilter narrows the queries of facts; an empty filter lets all through.
type factFilter struct{ workspaces, members, keys, secrets string }

var (
	allFacts   factFilter
	factsSince = factFilter{
		workspaces: ` WHERE id IN (SELECT subject_id FROM changes WHERE number > $1 AND kind = 'workspace')`,
		members: ` WHERE (m.workspace_id, m.user_id) IN
			(SELECT workspace_id, subject_id FROM changes WHERE number > $1 AND kind = 'member')`,
		keys:    ` WHERE id IN (SELECT subject_id FROM changes WHERE number > $1 AND kind = 'key')`,
		secrets: ` WHERE change_number > $1`,
	}
)

// streamFacts gives the facts that the filter lets through to into: workspaces,
// then members, then old secrets, then keys.
func (r reader) streamFacts(ctx context.Context, into workspace.FactSink, f factFilter, args ...any) error {
	err := r.eachRow(ctx, workspaceFact(into), `
		SELECT id, slug, old_slug, old_slug_until, disabled_at IS NOT NULL OR deleted_at IS NOT NULL
		FROM workspaces`+f.workspaces, args...)
	if err != nil {
		return err
	}
	err = r.eachRow(ctx, memberFact(into),
		`SELECT m.workspace_id, m.user_id,
			COALESCE(o.user_id, m.user_id), COALESCE(o.role, m.role), COALESCE(o.active, m.active)
		FROM members m LEFT JOIN members o ON o.workspace_id = m.workspace_id AND o.user_id = m.keys_to`+f.members,
		args...)
	if err != nil {
		return err
	}
	err = r.eachRow(ctx, oldSecretFact(into),
		`SELECT key_id, digest, number, ends_at, ended FROM old_secrets`+f.secrets, args...)
	if err != nil {
		return err
	}
	return r.eachRow(ctx, keyFact(into), `
		SELECT id, digest, secret_number, workspace_id, owner_id, name, expires_at, ended, disabled_at, revoked_at,
			NULLIF(scopes, ''), NULLIF(addresses, ''), NULLIF(rate_requests, 0), NULLIF(rate_window, 0)
		FROM keys`+f.keys, args...)
}

// eachRow calls row for each row; the bytes that it scans are the driver's, and
// good until it returns.
func (r reader) eachRow(ctx context.Context, row func(*sql.Rows) error, text string, args ...any) error {
	rows, err := r.query(ctx, text, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := row(rows); err != nil {
			return r.fail(err)
		}
	}
	return r.fail(errors.Join(rows.Err(), rows.Close()))
}

func workspaceFact(into workspace.FactSink) func(*sql.Rows) error {
	return func(rows *sql.Rows) error {
		var w workspace.WorkspaceFact
		err := rows.Scan(&w.ID, &w.Slug, &w.OldSlug, (*moment)(&w.OldUntil), &w.Disabled)
		if err == nil {
			into.Workspace(w)
		}
		return err
	}
}

func memberFact(into workspace.FactSink) func(*sql.Rows) error {
	return func(rows *sql.Rows) error {
		var m workspace.MemberFact
		err := rows.Scan(&m.WorkspaceID, &m.UserID, &m.ActsAs, &m.Role, &m.Active)
		if err == nil {
			into.Member(m)
		}
		return err
	}
}

func oldSecretFact(into workspace.FactSink) func(*sql.Rows) error {
	return func(rows *sql.Rows) error {
		var keyID, hash sql.RawBytes
		var s workspace.OldSecretFact
		if err := rows.Scan(&keyID, &hash, &s.SecretNumber, (*moment)(&s.EndsAt), &s.Ended); err != nil {
			return err
		}
		var ok bool
		if s.KeyID, ok = workspace.ParseKeyID(string(keyID)); !ok || copy(s.Digest[:], hash) != len(s.Digest) {
			return fmt.Errorf("store: the row of secret %d of key %q is damaged", s.SecretNumber, keyID)
		}
		into.OldSecret(s)
		return nil
	}
}

// keyFact scans a million rows in the time that a start may take: into the
// driver's own bytes, with one text for all keys of a workspace or an owner,
// and NULL for what most keys don't have.
func keyFact(into workspace.FactSink) func(*sql.Rows) error {
	var id, digest, workspaceID, ownerID, name, scopes, addresses sql.RawBytes
	var expiresAt, disabledAt, revokedAt, rateRequests, rateWindow sql.NullInt64
	var number int
	var ended bool
	columns := []any{&id, &digest, &number, &workspaceID, &ownerID, &name, &expiresAt, &ended, &disabledAt, &revokedAt,
		&scopes, &addresses, &rateRequests, &rateWindow}
	texts := interner{}
	return func(rows *sql.Rows) error {
		if err := rows.Scan(columns...); err != nil {
			return err
		}
		k := workspace.KeyFact{
			WorkspaceID: texts.intern(workspaceID), OwnerID: texts.intern(ownerID), Name: string(name),
			Disabled: disabledAt.Valid, Revoked: revokedAt.Valid, SecretNumber: number, Ended: ended,
		}
		k.Limits.Rate = ratelimit.Rate{Requests: int(rateRequests.Int64),
			Window: time.Duration(rateWindow.Int64) * time.Microsecond}
		if len(scopes) > 0 || len(addresses) > 0 {
			err := errors.Join((*words)(&k.Limits.Scopes).Scan(string(scopes)),
				(*networks)(&k.Limits.Networks).Scan(string(addresses)))
			if err != nil {
				return fmt.Errorf("store: the row of key %q is damaged: %w", id, err)
			}
		}
		var ok bool
		if k.ID, ok = workspace.ParseKeyID(string(id)); !ok || copy(k.Digest[:], digest) != len(k.Digest) {
			return fmt.Errorf("store: the row of key %q is damaged", id)
		}
		if expiresAt.Valid {
			k.ExpiresAt = time.UnixMicro(expiresAt.Int64).UTC()
		}
		into.Key(k)
		return nil
	}
}

// interner keeps one copy of each text.
type interner map[string]string

func (in interner) intern(b []byte) string {
	if s, ok := in[string(b)]; ok {
		return s
	}
	s := string(b)
	in[s] = s
	return s
}
