package store

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/keylodge/keylodge/internal/workspace"
)

// ScopeCatalog implements [workspace.Reader].
func (r reader) ScopeCatalog(ctx context.Context, workspaceID string) (c workspace.ScopeCatalog, err error) {
	text, err := queryOne(ctx, r, single[string], `
		SELECT catalogue FROM scope_catalogues WHERE workspace_id = $1`, workspaceID)
	if errors.Is(err, workspace.ErrNotFound) {
		return c, nil
	}
	if err != nil {
		return c, err
	}
	return c, json.Unmarshal([]byte(text), &c)
}

// putScopeCatalog stores the scopes of a workspace.
func (t *tx) putScopeCatalog(ctx context.Context, workspaceID string, c workspace.ScopeCatalog) error {
	text, err := json.Marshal(c)
	if err != nil {
		return err
	}
	_, err = t.exec(ctx, `
		INSERT INTO scope_catalogues (workspace_id, catalogue) VALUES ($1, $2)
		ON CONFLICT (workspace_id) DO UPDATE SET catalogue = excluded.catalogue`, workspaceID, string(text))
	return err
}
