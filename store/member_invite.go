package store

import (
	"context"

	"github.com/keylodge/keylodge/internal/workspace"
)

const invitationFields = `id, workspace_id, email, role, digest, invited_by, created_at, expires_at`

func invitationColumns(i *workspace.Invitation) []any {
	return []any{
		&i.ID, &i.WorkspaceID, &i.Email, &i.Role, (*digest)(&i.Digest), (*optional)(&i.InvitedBy),
		(*moment)(&i.CreatedAt), (*moment)(&i.ExpiresAt),
	}
}

// Invitations implements [workspace.Reader].
func (r reader) Invitations(ctx context.Context, workspaceID string, limit int) ([]workspace.Invitation, error) {
	return queryAll(ctx, r, invitationColumns,
		`SELECT `+invitationFields+` FROM invitations WHERE workspace_id = $1 ORDER BY id DESC LIMIT $2`,
		workspaceID, limit)
}

// Invitation implements [workspace.Reader].
func (r reader) Invitation(ctx context.Context, l workspace.InvitationLookup) (workspace.Invitation, error) {
	column, value := `digest`, any(digest(l.Digest))
	switch {
	case l.ID != "":
		column, value = `id`, l.ID
	case l.Email != "":
		column, value = `email`, l.Email
	}
	return queryOne(ctx, r, invitationColumns,
		`SELECT `+invitationFields+` FROM invitations WHERE workspace_id = $1 AND `+column+` = $2`,
		l.WorkspaceID, value)
}

// PutInvitation implements [workspace.Tx].
func (t *tx) PutInvitation(ctx context.Context, i workspace.Invitation) (replaced workspace.Invitation, err error) {
	replaced, err = queryOne(ctx, t.reader, invitationColumns,
		`DELETE FROM invitations WHERE workspace_id = $1 AND email = $2 RETURNING `+invitationFields, i.WorkspaceID,
		i.Email)
	if err != nil && workspace.KindOf(err) != workspace.NotFound {
		return replaced, err
	}
	n, err := t.exec(ctx, `
		INSERT INTO invitations (`+invitationFields+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING`,
		i.ID, i.WorkspaceID, i.Email, i.Role, digest(i.Digest), optional(i.InvitedBy), moment(i.CreatedAt),
		moment(i.ExpiresAt))
	return replaced, inserted(n, err, "Someone else invited this person just now.")
}

// DeleteInvitation implements [workspace.Tx].
func (t *tx) DeleteInvitation(ctx context.Context, workspaceID, id string) (workspace.Invitation, error) {
	return queryOne(ctx, t.reader, invitationColumns,
		`DELETE FROM invitations WHERE workspace_id = $1 AND id = $2 RETURNING `+invitationFields, workspaceID, id)
}
