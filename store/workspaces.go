package store

import (
	"context"
	"time"

	"github.com/keylodge/keylodge/workspace"
)

const selectWorkspaces = `SELECT id, slug, name, created_at, disabled_at, required_sign_in, required_from FROM workspaces`

func workspaceColumns(w *workspace.Workspace) []any {
	return []any{&w.ID, &w.Slug, &w.Name, (*moment)(&w.CreatedAt), (*moment)(&w.DisabledAt), &w.SignIn.Require, (*moment)(&w.SignIn.From)}
}

// Workspaces implements [workspace.Reader].
func (r reader) Workspaces(ctx context.Context, limit int) ([]workspace.Workspace, error) {
	return queryAll(ctx, r, workspaceColumns, selectWorkspaces+` WHERE deleted_at IS NULL ORDER BY created_at, id LIMIT $1`, limit)
}

// WorkspaceBySlug implements [workspace.Reader].
func (r reader) WorkspaceBySlug(ctx context.Context, slug string) (workspace.Workspace, error) {
	return queryOne(ctx, r, workspaceColumns, selectWorkspaces+` WHERE slug = $1 AND deleted_at IS NULL`, slug)
}

// WorkspacesOf implements [workspace.Reader].
func (r reader) WorkspacesOf(ctx context.Context, userID string, limit int) ([]workspace.Workspace, error) {
	return queryAll(ctx, r, workspaceColumns, selectWorkspaces+`
		WHERE deleted_at IS NULL AND id IN (SELECT workspace_id FROM members WHERE user_id = $1 AND active)
		ORDER BY name, id LIMIT $2`, userID, limit)
}

// InsertWorkspace implements [workspace.ChangeTx].
func (t *changeTx) InsertWorkspace(ctx context.Context, w workspace.Workspace) error {
	n, err := t.exec(ctx, `
		INSERT INTO workspaces (id, slug, name, created_at, disabled_at) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (slug) DO NOTHING`,
		w.ID, w.Slug, w.Name, moment(w.CreatedAt), moment(w.DisabledAt))
	if err := inserted(n, err, "This address is taken by another workspace. Choose another."); err != nil {
		return err
	}
	return t.noteChange(ctx, workspaceChange, w.ID, w.ID)
}

// RenameWorkspace implements [workspace.Tx].
func (t *tx) RenameWorkspace(ctx context.Context, id, name string) error {
	return found(t.exec(ctx, `UPDATE workspaces SET name = $2 WHERE id = $1`, id, name))
}

// SetSignInPolicy implements [workspace.Tx].
func (t *tx) SetSignInPolicy(ctx context.Context, workspaceID string, p workspace.SignInPolicy) error {
	return found(t.exec(ctx, `UPDATE workspaces SET required_sign_in = $2, required_from = $3 WHERE id = $1`, workspaceID, p.Require, moment(p.From)))
}

// DeleteWorkspace implements [workspace.ChangeTx].
func (t *changeTx) DeleteWorkspace(ctx context.Context, id string, at time.Time) error {
	if err := found(t.exec(ctx, `UPDATE workspaces SET deleted_at = $2 WHERE id = $1 AND deleted_at IS NULL`, id, moment(at))); err != nil {
		return err
	}
	if _, err := t.exec(ctx, `DELETE FROM sessions WHERE workspace_id = $1`, id); err != nil {
		return err
	}
	if _, err := t.exec(ctx, `DELETE FROM invitations WHERE workspace_id = $1`, id); err != nil {
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
