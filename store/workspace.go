package store

import (
	"context"
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"time"

	"github.com/keylodge/keylodge/internal/workspace"
)

const selectWorkspaces = `SELECT id, slug, name, created_at, old_slug, old_slug_until, disabled_at, key_policy,
	required_sign_in, required_from, audit_days FROM workspaces`

func workspaceColumns(w *workspace.Workspace) []any {
	return []any{
		&w.ID, &w.Slug, &w.Name, (*moment)(&w.CreatedAt), &w.OldSlug, (*moment)(&w.OldSlugUntil),
		(*moment)(&w.DisabledAt), (*keyPolicy)(&w.Keys), &w.SignIn.Require, (*moment)(&w.SignIn.From), &w.AuditDays,
	}
}

// Workspace implements [workspace.Reader].
func (r reader) Workspace(ctx context.Context, l workspace.WorkspaceLookup) (workspace.Workspace, error) {
	where, args := `slug = $1`, []any{l.Slug}
	switch {
	case l.ID != "":
		where, args = `id = $1`, []any{l.ID}
	case l.OldSlug != "":
		where, args = `old_slug = $1 AND old_slug <> '' AND old_slug_until > $2`, []any{l.OldSlug, moment(l.At)}
	}
	return queryOne(ctx, r, workspaceColumns, selectWorkspaces+` WHERE deleted_at IS NULL AND `+where, args...)
}

// Workspaces implements [workspace.Reader].
func (r reader) Workspaces(ctx context.Context, f workspace.WorkspaceFilter) ([]workspace.Workspace, error) {
	var where conditions
	order, limit := `created_at, id`, ``
	if !f.Deleted {
		where.add(`deleted_at IS NULL`)
	}
	if f.MemberID != "" {
		where.add(`id IN (SELECT workspace_id FROM members WHERE user_id = $%d AND active)`, f.MemberID)
		order = `name, id`
	}
	if f.KeysOf != "" {
		where.add(`id IN (SELECT workspace_id FROM members WHERE user_id = $%d AND unrevoked_keys + revoked_keys > 0)`,
			f.KeysOf)
	}
	if f.LooksLike != "" {
		where.add(`slug_look = $%d OR old_slug = $%d AND old_slug <> '' AND old_slug_until > $%d`,
			workspace.SlugLook(f.LooksLike), f.LooksLike, moment(f.At))
	}
	if f.LimitedAudit {
		where.add(`audit_days > 0`)
	}
	if f.Limit > 0 {
		limit = ` LIMIT ` + where.place(f.Limit)
	}
	return queryAll(ctx, r, workspaceColumns,
		selectWorkspaces+` WHERE `+where.text()+` ORDER BY `+order+limit, where.args...)
}

// InsertWorkspace implements [workspace.ChangeTx].
func (t *changeTx) InsertWorkspace(ctx context.Context, w workspace.Workspace) error {
	n, err := t.exec(ctx, `
		INSERT INTO workspaces (id, slug, slug_look, name, created_at, disabled_at) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (slug) DO NOTHING`,
		w.ID, w.Slug, workspace.SlugLook(w.Slug), w.Name, moment(w.CreatedAt), moment(w.DisabledAt))
	if err := inserted(n, err, "This address is taken by another workspace. Choose another."); err != nil {
		return err
	}
	if err := t.takeSlug(ctx, w); err != nil {
		return err
	}
	return t.noteChange(ctx, workspaceChange, w.ID, w.ID)
}

// MoveWorkspace implements [workspace.ChangeTx]. It returns
// [workspace.ErrNotFound] when there is no such workspace.
func (t *changeTx) MoveWorkspace(ctx context.Context, w workspace.Workspace) error {
	err := found(t.exec(ctx, `
		UPDATE workspaces SET slug = $2, slug_look = $3, old_slug = $4, old_slug_until = $5 WHERE id = $1
			AND deleted_at IS NULL`,
		w.ID, w.Slug, workspace.SlugLook(w.Slug), w.OldSlug, moment(w.OldSlugUntil)))
	if err != nil {
		return err
	}
	if err := t.takeSlug(ctx, w); err != nil {
		return err
	}
	return t.noteChange(ctx, workspaceChange, w.ID, w.ID)
}

// takeSlug makes a workspace's slug lead to no other workspace that had it
// before, whatever the clocks of other nodes say about that.
func (t *changeTx) takeSlug(ctx context.Context, w workspace.Workspace) error {
	others, err := queryAll(ctx, t.reader, single[string],
		`UPDATE workspaces SET old_slug = '', old_slug_until = NULL WHERE old_slug = $1 AND id <> $2 RETURNING id`,
		w.Slug, w.ID)
	for _, id := range others {
		if err == nil {
			err = t.noteChange(ctx, workspaceChange, id, id)
		}
	}
	return err
}

// UpdateWorkspace implements [workspace.Tx].
func (t *tx) UpdateWorkspace(ctx context.Context, id string, u workspace.WorkspaceUpdate) error {
	args := []any{id}
	set := `slug = slug`
	change := func(column string, value any) {
		args = append(args, value)
		set += fmt.Sprintf(`, %s = $%d`, column, len(args))
	}
	if u.Name != "" {
		change(`name`, u.Name)
	}
	if u.KeyPolicy != nil {
		change(`key_policy`, keyPolicy(*u.KeyPolicy))
	}
	if u.SignInPolicy != nil {
		change(`required_sign_in`, u.SignInPolicy.Require)
		change(`required_from`, moment(u.SignInPolicy.From))
	}
	if u.AuditDays != nil {
		change(`audit_days`, *u.AuditDays)
	}
	err := found(t.exec(ctx, `UPDATE workspaces SET `+set+` WHERE id = $1`, args...))
	if err != nil || u.Scopes == nil {
		return err
	}
	return t.putScopeCatalog(ctx, id, *u.Scopes)
}

// keyPolicy stores a policy as a JSON object, and the zero one as nothing.
type keyPolicy workspace.KeyPolicy

// Value implements [driver.Valuer].
func (p keyPolicy) Value() (driver.Value, error) {
	text, err := json.Marshal(workspace.KeyPolicy(p))
	return string(text), err
}

// Scan implements [sql.Scanner].
func (p *keyPolicy) Scan(src any) error {
	text, ok := src.(string)
	if !ok {
		return fmt.Errorf("store: %T is no JSON", src)
	}
	*p = keyPolicy{}
	if text == "" {
		return nil
	}
	return json.Unmarshal([]byte(text), (*workspace.KeyPolicy)(p))
}

// DeleteWorkspace implements [workspace.ChangeTx].
func (t *changeTx) DeleteWorkspace(ctx context.Context, id string, at time.Time) error {
	if err := found(t.exec(ctx, `
		UPDATE workspaces SET deleted_at = $2 WHERE id = $1 AND deleted_at IS NULL`, id, moment(at))); err != nil {
		return err
	}
	if _, err := t.exec(ctx, `DELETE FROM invitations WHERE workspace_id = $1`, id); err != nil {
		return err
	}
	if _, err := t.exec(ctx, `DELETE FROM outbox WHERE workspace_id = $1`, id); err != nil {
		return err
	}
	return t.noteChange(ctx, workspaceChange, id, id)
}

// DisableWorkspace implements [workspace.ChangeTx].
func (t *changeTx) DisableWorkspace(ctx context.Context, workspaceID string, at time.Time) (bool, error) {
	n, err := t.exec(ctx, `
		UPDATE workspaces SET disabled_at = $2 WHERE id = $1 AND (disabled_at IS NULL) <> (CAST($2 AS BIGINT) IS NULL)`,
		workspaceID, moment(at))
	if err != nil || n == 0 {
		return false, err
	}
	return true, t.noteChange(ctx, workspaceChange, workspaceID, workspaceID)
}
