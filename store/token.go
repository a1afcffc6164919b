package store

import (
	"context"

	"github.com/keylodge/keylodge/internal/secret"
	"github.com/keylodge/keylodge/internal/workspace"
)

const tokenFields = `digest, purpose, user_id, created_at, expires_at, data, credential_version`

func tokenColumns(t *workspace.OneTimeToken) []any {
	return []any{
		(*digest)(&t.Digest), &t.Purpose, (*optional)(&t.UserID), (*moment)(&t.CreatedAt), (*moment)(&t.ExpiresAt),
		&t.Data, &t.CredentialVersion,
	}
}

// linkPurposes are the purposes of the tokens in messages about an account.
var linkPurposes = map[workspace.MessageKind]workspace.Purpose{
	workspace.MessageEmail: workspace.PurposeEmail, workspace.MessageCancelEmail: workspace.PurposeCancelEmail,
}

// OneTimeToken implements [workspace.Reader].
func (r reader) OneTimeToken(ctx context.Context, p workspace.Purpose, d secret.Digest) (
	workspace.OneTimeToken, error) {
	return queryOne(ctx, r, tokenColumns,
		`SELECT `+tokenFields+` FROM one_time_tokens WHERE digest = $1 AND purpose = $2`, digest(d), p)
}

// InsertOneTimeToken implements [workspace.Tx].
func (t *tx) InsertOneTimeToken(ctx context.Context, o workspace.OneTimeToken) error {
	_, err := t.exec(ctx, `INSERT INTO one_time_tokens (`+tokenFields+`) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		digest(o.Digest), o.Purpose, optional(o.UserID), moment(o.CreatedAt), moment(o.ExpiresAt), o.Data,
		o.CredentialVersion)
	return err
}

// UseOneTimeToken implements [workspace.Tx]. It returns [workspace.ErrNotFound]
// when the token is used up.
func (t *tx) UseOneTimeToken(ctx context.Context, p workspace.Purpose, d secret.Digest) (
	workspace.OneTimeToken, error) {
	return queryOne(ctx, t.reader, tokenColumns,
		`DELETE FROM one_time_tokens WHERE digest = $1 AND purpose = $2 RETURNING `+tokenFields, digest(d), p)
}

// DeleteOneTimeTokens implements [workspace.Tx]. The messages go first: a
// sender that is making a token holds its message's row, so that the token is
// there, to be deleted, once the row is free.
func (t *tx) DeleteOneTimeTokens(ctx context.Context, f workspace.OneTimeTokenFilter) error {
	var where conditions
	if f.UserID != "" {
		if err := t.deleteLinkMessages(ctx, f); err != nil {
			return err
		}
		where.add(`user_id = $%d`, f.UserID)
	}
	if f.Purpose != "" {
		where.add(`purpose = $%d`, f.Purpose)
	}
	if where.none() {
		return nil
	}
	_, err := t.exec(ctx, `DELETE FROM one_time_tokens WHERE `+where.text(), where.args...)
	return err
}

// deleteLinkMessages deletes the messages to a user in which a token of the
// filter would be sent.
func (t *tx) deleteLinkMessages(ctx context.Context, f workspace.OneTimeTokenFilter) error {
	if f.Purpose == "" {
		_, err := t.exec(ctx, `DELETE FROM outbox WHERE user_id = $1`, f.UserID)
		return err
	}
	for kind, purpose := range linkPurposes {
		if purpose != f.Purpose {
			continue
		}
		if _, err := t.exec(ctx, `DELETE FROM outbox WHERE user_id = $1 AND kind = $2`, f.UserID, kind); err != nil {
			return err
		}
	}
	return nil
}
