package store

import (
	"context"
	"time"

	"github.com/keylodge/keylodge/internal/secret"
	"github.com/keylodge/keylodge/internal/workspace"
)

const sessionFields = `s.digest, s.workspace_id, s.user_id, s.created_at, s.seen_at, s.proven_at, s.method, s.proof, s.address, s.user_agent`

func sessionColumns(s *workspace.Session) []any {
	return []any{
		(*digest)(&s.Digest), &s.WorkspaceID, &s.UserID, (*moment)(&s.CreatedAt), (*moment)(&s.SeenAt),
		(*moment)(&s.ProvenAt), &s.Method, &s.Proof, &s.Address, &s.UserAgent,
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
		WHERE s.digest = $1 AND s.workspace_id = $2 AND m.removed_at IS NULL`, digest(d), workspaceID)
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
		s.Proof, s.Address, s.UserAgent)
	return err
}

// TouchSession implements [workspace.Tx]. Of two touches the later one counts,
// in whichever order they come.
func (t *tx) TouchSession(ctx context.Context, d secret.Digest, seen time.Time) error {
	_, err := t.exec(ctx, `UPDATE sessions SET seen_at = $2 WHERE digest = $1 AND seen_at < $2`,
		digest(d), moment(seen))
	return err
}

// SetSessionMethods implements [workspace.Tx].
func (t *tx) SetSessionMethods(ctx context.Context, d secret.Digest, method, proof workspace.Method) error {
	return found(t.exec(ctx, `UPDATE sessions SET method = $2, proof = $3 WHERE digest = $1`, digest(d), method, proof))
}

// DeleteSession implements [workspace.Tx]. It is no error when there is none.
func (t *tx) DeleteSession(ctx context.Context, d secret.Digest) error {
	_, err := t.exec(ctx, `DELETE FROM sessions WHERE digest = $1`, digest(d))
	return err
}

// DeleteSessionsOf implements [workspace.Tx].
func (t *tx) DeleteSessionsOf(ctx context.Context, userID string) error {
	_, err := t.exec(ctx, `DELETE FROM sessions WHERE user_id = $1`, userID)
	return err
}

// DeleteOtherSessionsOf implements [workspace.Tx].
func (t *tx) DeleteOtherSessionsOf(ctx context.Context, userID string, kept secret.Digest) error {
	_, err := t.exec(ctx, `DELETE FROM sessions WHERE user_id = $1 AND digest <> $2`, userID, digest(kept))
	return err
}

// DeleteMemberSessions implements [workspace.Tx].
func (t *tx) DeleteMemberSessions(ctx context.Context, workspaceID, userID string) error {
	_, err := t.exec(ctx, `DELETE FROM sessions WHERE workspace_id = $1 AND user_id = $2`, workspaceID, userID)
	return err
}
