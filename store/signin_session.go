package store

import (
	"context"

	"github.com/keylodge/keylodge/internal/secret"
	"github.com/keylodge/keylodge/internal/workspace"
)

const sessionFields = `s.digest, s.workspace_id, s.user_id, s.created_at, s.seen_at, s.proven_at, s.method, s.proof,
	s.address, s.user_agent`

func sessionColumns(s *workspace.Session) []any {
	return []any{
		(*digest)(&s.Digest), &s.WorkspaceID, &s.UserID, (*moment)(&s.CreatedAt), (*moment)(&s.SeenAt),
		(*moment)(&s.ProvenAt), &s.Method, &s.Proof, &s.IP, &s.UserAgent,
	}
}

// SessionMember implements [workspace.Reader].
func (r reader) SessionMember(ctx context.Context, workspaceID string, d secret.Digest) (
	workspace.Session, workspace.Member, error) {
	type signedIn struct {
		workspace.Session
		member workspace.Member
	}
	columns := func(s *signedIn) []any {
		all := append(sessionColumns(&s.Session), &s.CredentialVersion)
		return append(all, memberColumns(&s.member)...)
	}
	s, err := queryOne(ctx, r, columns, `
		SELECT `+sessionFields+`, u.credential_version, `+memberFields+`
		FROM sessions s
		JOIN members m ON m.workspace_id = s.workspace_id AND m.user_id = s.user_id
		JOIN users u ON u.id = s.user_id
		JOIN workspaces w ON w.id = s.workspace_id
		WHERE s.digest = $1 AND s.workspace_id = $2 AND m.removed_at IS NULL AND w.deleted_at IS NULL`,
		digest(d), workspaceID)
	return s.Session, s.member, err
}

// Sessions implements [workspace.Reader].
func (r reader) Sessions(ctx context.Context, workspaceID, userID string) ([]workspace.Session, error) {
	return queryAll(ctx, r, sessionColumns, `
		SELECT `+sessionFields+` FROM sessions s WHERE s.workspace_id = $1 AND s.user_id = $2
		ORDER BY s.seen_at DESC, s.created_at DESC, s.digest`, workspaceID, userID)
}

// InsertSession implements [workspace.Tx].
func (t *tx) InsertSession(ctx context.Context, s workspace.Session) error {
	_, err := t.exec(ctx, `
		INSERT INTO sessions (digest, workspace_id, user_id, created_at, seen_at, proven_at, method, proof, address,
			user_agent)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		digest(s.Digest), s.WorkspaceID, s.UserID, moment(s.CreatedAt), moment(s.SeenAt), moment(s.ProvenAt), s.Method,
		s.Proof, s.IP, s.UserAgent)
	return err
}

// UpdateSession implements [workspace.Tx]. Of two updates the later SeenAt
// counts, in whichever order they come.
func (t *tx) UpdateSession(ctx context.Context, d secret.Digest, u workspace.SessionUpdate) error {
	return found(t.exec(ctx, `
		UPDATE sessions SET
			seen_at = CASE WHEN CAST($2 AS BIGINT) > seen_at THEN $2 ELSE seen_at END,
			method = CASE WHEN $3 = '' THEN method ELSE $3 END,
			proof = CASE WHEN $4 = '' THEN proof ELSE $4 END
		WHERE digest = $1`,
		digest(d), moment(u.SeenAt), string(u.Method), string(u.Proof)))
}

// DeleteSessions implements [workspace.Tx].
func (t *tx) DeleteSessions(ctx context.Context, f workspace.SessionFilter) error {
	var where conditions
	if f.WorkspaceID != "" {
		where.add(`workspace_id = $%d`, f.WorkspaceID)
	}
	if f.UserID != "" {
		where.add(`user_id = $%d`, f.UserID)
	}
	if f.Digest != (secret.Digest{}) {
		where.add(`digest = $%d`, digest(f.Digest))
	}
	if where.none() {
		return nil
	}
	if f.Except != (secret.Digest{}) {
		where.add(`digest <> $%d`, digest(f.Except))
	}
	_, err := t.exec(ctx, `DELETE FROM sessions WHERE `+where.text(), where.args...)
	return err
}
