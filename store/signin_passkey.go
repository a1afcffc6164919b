package store

import (
	"context"
	"time"

	"github.com/keylodge/keylodge/internal/workspace"
)

// passkeyVersion is the credential version of a passkey's owner.
const passkeyVersion = `(SELECT credential_version FROM users WHERE users.id = passkeys.user_id)`

const passkeyFields = `id, user_id, credential, site, name, data, created_at, used_at`

func passkeyColumns(p *workspace.Passkey) []any {
	return []any{&p.ID, &p.UserID, &p.Credential, &p.Site, &p.Name, &p.Data, (*moment)(&p.CreatedAt),
		(*moment)(&p.UsedAt)}
}

// Passkeys implements [workspace.Reader].
func (r reader) Passkeys(ctx context.Context, f workspace.PasskeyFilter) ([]workspace.Passkey, error) {
	columns := func(p *workspace.Passkey) []any { return append(passkeyColumns(p), &p.CredentialVersion) }
	column, value := `user_id`, any(f.UserID)
	if f.Credential != nil {
		column, value = `credential`, f.Credential
	}
	return queryAll(ctx, r, columns,
		`SELECT `+passkeyFields+`, `+passkeyVersion+` FROM passkeys WHERE `+column+` = $1 ORDER BY id`, value)
}

// InsertPasskey implements [workspace.Tx].
func (t *tx) InsertPasskey(ctx context.Context, p workspace.Passkey) error {
	n, err := t.exec(ctx, `
		INSERT INTO passkeys (`+passkeyFields+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
		ON CONFLICT (credential) DO NOTHING`,
		p.ID, p.UserID, p.Credential, p.Site, p.Name, p.Data, moment(p.CreatedAt), moment(p.UsedAt))
	return inserted(n, err, "This passkey is known already.")
}

// UsePasskey implements [workspace.Tx]. It returns [workspace.ErrNotFound] when
// the passkey was removed.
func (t *tx) UsePasskey(ctx context.Context, id, data string, at time.Time) error {
	return found(t.exec(ctx, `UPDATE passkeys SET data = $2, used_at = $3 WHERE id = $1`, id, data, moment(at)))
}
