package store

import (
	"context"
	"database/sql/driver"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/keylodge/keylodge/internal/workspace"
)

const providerFields = `id, workspace_id, name, issuer, client_id, client_secret, scopes, domains,
	new_role, role_claim, role_map, created_at, signs_in_owners`

func providerColumns(p *workspace.Provider) []any {
	return []any{
		&p.ID, &p.WorkspaceID, &p.Name, &p.Issuer, &p.ClientID, &p.ClientSecret, (*words)(&p.Scopes),
		(*words)(&p.Domains), &p.NewRole, &p.RoleClaim,
		(*roleMap)(&p.RoleMap), (*moment)(&p.CreatedAt), &p.SignsInOwners,
	}
}

// roleMap stores roles by values as VALUE=ROLE with spaces between, the values
// percent-encoded.
type roleMap map[string]workspace.Role

// Value implements [driver.Valuer].
func (r roleMap) Value() (driver.Value, error) {
	var all words
	for _, value := range slices.Sorted(maps.Keys(r)) {
		all = append(all, url.QueryEscape(value)+"="+string(r[value]))
	}
	return all.Value()
}

// Scan implements [sql.Scanner]. The empty text is nil.
func (r *roleMap) Scan(src any) error {
	var all words
	if err := all.Scan(src); err != nil {
		return err
	}
	*r = nil
	for _, pair := range all {
		escaped, role, _ := strings.Cut(pair, "=")
		value, err := url.QueryUnescape(escaped)
		if err != nil {
			return fmt.Errorf("store: %q is no value of a claim", escaped)
		}
		if *r == nil {
			*r = roleMap{}
		}
		(*r)[value] = workspace.Role(role)
	}
	return nil
}

// Providers implements [workspace.Reader].
func (r reader) Providers(ctx context.Context, workspaceID string) ([]workspace.Provider, error) {
	return queryAll(ctx, r, providerColumns, `
		SELECT `+providerFields+` FROM providers WHERE workspace_id = $1 ORDER BY id`, workspaceID)
}

// PutProvider implements [workspace.Tx].
func (t *tx) PutProvider(ctx context.Context, p workspace.Provider) error {
	_, err := t.exec(ctx, `
		INSERT INTO providers (`+providerFields+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
		ON CONFLICT (id) DO UPDATE SET name = excluded.name, issuer = excluded.issuer, client_id = excluded.client_id,
			client_secret = excluded.client_secret, scopes = excluded.scopes, domains = excluded.domains,
				new_role = excluded.new_role,
			role_claim = excluded.role_claim, role_map = excluded.role_map,
			signs_in_owners = excluded.signs_in_owners`,
		p.ID, p.WorkspaceID, p.Name, p.Issuer, p.ClientID, p.ClientSecret, words(p.Scopes), words(p.Domains), p.NewRole,
		p.RoleClaim, roleMap(p.RoleMap), moment(p.CreatedAt), p.SignsInOwners)
	return err
}

// DeleteProvider implements [workspace.Tx].
func (t *tx) DeleteProvider(ctx context.Context, workspaceID, id string) error {
	return found(t.exec(ctx, `DELETE FROM providers WHERE workspace_id = $1 AND id = $2`, workspaceID, id))
}

const identityFields = `issuer, subject, user_id, created_at, used_at`

func identityColumns(i *workspace.Identity) []any {
	return []any{&i.Issuer, &i.Subject, &i.UserID, (*moment)(&i.CreatedAt), (*moment)(&i.UsedAt)}
}

// Identities implements [workspace.Reader].
func (r reader) Identities(ctx context.Context, f workspace.IdentityFilter) ([]workspace.Identity, error) {
	columns := func(i *workspace.Identity) []any { return append(identityColumns(i), &i.CredentialVersion) }
	where, args := `issuer = $1 AND subject = $2`, []any{f.Issuer, f.Subject}
	if f.UserID != "" {
		where, args = `user_id = $1`, []any{f.UserID}
	}
	return queryAll(ctx, r, columns, `
		SELECT `+identityFields+`, (SELECT credential_version FROM users WHERE users.id = identities.user_id)
		FROM identities WHERE `+where+` ORDER BY issuer, subject`, args...)
}

// InsertIdentity implements [workspace.Tx].
func (t *tx) InsertIdentity(ctx context.Context, i workspace.Identity) error {
	n, err := t.exec(ctx, `
		INSERT INTO identities (`+identityFields+`) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (issuer, subject) DO NOTHING`,
		i.Issuer, i.Subject, i.UserID, moment(i.CreatedAt), moment(i.UsedAt))
	return inserted(n, err, "This account of the provider is linked already.")
}

// UseIdentity implements [workspace.Tx].
func (t *tx) UseIdentity(ctx context.Context, i workspace.Identity, at time.Time) error {
	return found(t.exec(ctx, `
		UPDATE identities SET used_at = $3 WHERE issuer = $1 AND subject = $2`, i.Issuer, i.Subject, moment(at)))
}
