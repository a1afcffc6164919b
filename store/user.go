package store

import (
	"context"

	"github.com/keylodge/keylodge/internal/workspace"
)

const selectUsers = `SELECT id, service, ` + shownEmail + `, name, password_hash, created_at, confirmed_at,
	credential_version FROM users u`

// shownEmail leaves out what stands for the email of a service account, see
// 0001_people.sql.
const shownEmail = `CASE WHEN u.service THEN '' ELSE u.email END`

func userColumns(u *workspace.User) []any {
	return []any{&u.ID, &u.Service, &u.Email, &u.Name, &u.PasswordHash, (*moment)(&u.CreatedAt),
		(*moment)(&u.ConfirmedAt), &u.CredentialVersion}
}

// User implements [workspace.Reader].
func (r reader) User(ctx context.Context, l workspace.UserLookup) (workspace.User, error) {
	if l.ID != "" {
		return queryOne(ctx, r, userColumns, selectUsers+` WHERE id = $1`, l.ID)
	}
	return queryOne(ctx, r, userColumns, selectUsers+` WHERE email = $1 AND NOT service`, l.Email)
}

// InsertUser implements [workspace.ChangeTx]. It writes down no change: no key
// check depends on a person who is not yet a member.
func (t *changeTx) InsertUser(ctx context.Context, u workspace.User) error {
	email := u.Email
	if u.Service {
		email = u.ID
	}
	n, err := t.exec(ctx, `
		INSERT INTO users (id, service, email, name, password_hash, created_at, confirmed_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (email) DO NOTHING`,
		u.ID, u.Service, email, u.Name, u.PasswordHash, moment(u.CreatedAt), moment(u.ConfirmedAt))
	return inserted(n, err, "Somebody with this e-mail address has an account already.")
}

// HoldCredentials implements [workspace.Tx]. An UPDATE that changes nothing
// holds the row in both engines; SELECT FOR UPDATE exists in one of them only.
func (t *tx) HoldCredentials(ctx context.Context, userID string, version int64) error {
	return found(t.exec(ctx, `
		UPDATE users SET credential_version = credential_version WHERE id = $1 AND credential_version = $2`,
		userID, version))
}

// UpdateUser implements [workspace.Tx]. It returns [workspace.ErrNotFound] when
// the user does not exist.
func (t *tx) UpdateUser(ctx context.Context, userID string, u workspace.UserUpdate) error {
	raise := 0
	if u.RaiseCredentials {
		raise = 1
	}
	err := found(t.exec(ctx, `
		UPDATE users SET
			password_hash = CASE WHEN $2 = '' THEN password_hash ELSE $2 END,
			confirmed_at = COALESCE($3, confirmed_at),
			credential_version = credential_version + $4
		WHERE id = $1`,
		userID, u.PasswordHash, moment(u.ConfirmedAt), raise))
	if err != nil || u.Email == "" {
		return err
	}
	n, err := t.exec(ctx, `
		UPDATE users SET email = $2
		WHERE id = $1 AND NOT service AND NOT EXISTS (SELECT 1 FROM users WHERE email = $2 AND id <> $1)`,
		userID, u.Email)
	return inserted(n, err, "Somebody else has this address by now, so nothing was changed.")
}
