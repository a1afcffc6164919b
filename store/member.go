package store

import (
	"context"
	"errors"
	"strings"

	"github.com/keylodge/keylodge/internal/workspace"
)

const (
	memberFields  = `m.workspace_id, m.user_id, u.service, m.role, m.active, m.created_at, u.name, ` + shownEmail
	fromMembers   = ` FROM members m JOIN users u ON u.id = m.user_id WHERE m.removed_at IS NULL`
	selectMembers = `SELECT ` + memberFields + fromMembers
)

func memberColumns(m *workspace.Member) []any {
	return []any{&m.WorkspaceID, &m.UserID, &m.Service, &m.Role, &m.Active, (*moment)(&m.CreatedAt), &m.Name, &m.Email}
}

// Member implements [workspace.Reader].
func (r reader) Member(ctx context.Context, workspaceID, userID string) (workspace.Member, error) {
	return queryOne(ctx, r, memberColumns, selectMembers+` AND m.workspace_id = $1 AND m.user_id = $2`,
		workspaceID, userID)
}

// Removal implements [workspace.Reader].
func (r reader) Removal(ctx context.Context, workspaceID, userID string) (workspace.Removal, error) {
	columns := func(m *workspace.Removal) []any {
		return []any{&m.WorkspaceID, &m.UserID, (*moment)(&m.At), (*optional)(&m.KeysTo)}
	}
	return queryOne(ctx, r, columns, `
		SELECT workspace_id, user_id, removed_at, keys_to FROM members
		WHERE workspace_id = $1 AND user_id = $2 AND removed_at IS NOT NULL`,
		workspaceID, userID)
}

// Members implements [workspace.Reader].
func (r reader) Members(ctx context.Context, f workspace.MemberFilter) ([]workspace.ListedMember, error) {
	var where conditions
	order := `m.user_id`
	where.add(`m.workspace_id = $%d AND m.user_id > $%d`, f.WorkspaceID, f.After)
	if f.People || f.Service {
		where.add(`u.service = $%d`, f.Service)
	}
	if f.Active {
		where.add(`m.active`)
	}
	if len(f.Roles) > 0 {
		var places []string
		for _, role := range f.Roles {
			places = append(places, where.place(role))
		}
		where.add(`m.role IN (` + strings.Join(places, ", ") + `)`)
		order = `m.created_at, m.user_id`
	}
	if f.Like != "" {
		like := containing(f.Like)
		where.add(`LOWER(u.name) LIKE $%d ESCAPE '\' OR u.email LIKE $%d ESCAPE '\'`, like, like)
	}
	limit := where.place(f.Limit)
	columns := func(m *workspace.ListedMember) []any { return append(memberColumns(&m.Member), &m.Keys) }
	return queryAll(ctx, r, columns, `SELECT `+memberFields+`, m.unrevoked_keys`+fromMembers+` AND `+where.text()+`
		ORDER BY `+order+` LIMIT `+limit, where.args...)
}

// InsertMember implements [workspace.ChangeTx].
func (t *changeTx) InsertMember(ctx context.Context, m workspace.Member) error {
	n, err := t.exec(ctx, `
		INSERT INTO members (workspace_id, user_id, role, active, created_at) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (workspace_id, user_id) DO UPDATE
			SET role = excluded.role, active = excluded.active, created_at = excluded.created_at, removed_at = NULL,
				keys_to = NULL
		WHERE members.removed_at IS NOT NULL AND members.unrevoked_keys = 0`,
		m.WorkspaceID, m.UserID, m.Role, m.Active, moment(m.CreatedAt))
	if err == nil && n == 0 {
		err = t.whyNoMember(ctx, m)
	}
	if err != nil {
		return err
	}
	return t.noteChange(ctx, memberChange, m.WorkspaceID, m.UserID)
}

// whyNoMember returns why a member could not be inserted.
func (t *changeTx) whyNoMember(ctx context.Context, m workspace.Member) error {
	_, err := t.Removal(ctx, m.WorkspaceID, m.UserID)
	if err == nil {
		return &workspace.Error{
			Kind: workspace.Unavailable, RetryAfter: retryAfter,
			Message: "This person’s former keys are still being revoked or handed over. Try again in a minute.",
		}
	}
	if !errors.Is(err, workspace.ErrNotFound) {
		return err
	}
	return &workspace.Error{Kind: workspace.Conflict, Message: "This person is a member of the workspace already."}
}

// UpdateMember implements [workspace.ChangeTx]. It returns
// [workspace.ErrNotFound] when there is no such member.
func (t *changeTx) UpdateMember(ctx context.Context, m workspace.Member) error {
	err := found(t.exec(ctx, `
		UPDATE members SET role = $3, active = $4 WHERE workspace_id = $1 AND user_id = $2 AND removed_at IS NULL`,
		m.WorkspaceID, m.UserID, m.Role, m.Active))
	if err != nil {
		return err
	}
	if m.Service {
		if _, err := t.exec(ctx, `UPDATE users SET name = $2 WHERE id = $1`, m.UserID, m.Name); err != nil {
			return err
		}
	}
	followers, err := queryAll(ctx, t.reader, single[string],
		`SELECT user_id FROM members WHERE workspace_id = $1 AND keys_to = $2`, m.WorkspaceID, m.UserID)
	if err != nil {
		return err
	}
	return t.noteMembers(ctx, m.WorkspaceID, append(followers, m.UserID)...)
}

// RemoveMember implements [workspace.ChangeTx]. It returns
// [workspace.ErrNotFound] when there is no such member. Keys that were to go to
// the member go where the member's own keys go.
func (t *changeTx) RemoveMember(ctx context.Context, r workspace.Removal) error {
	err := found(t.exec(ctx, `
		UPDATE members SET active = FALSE, removed_at = $3, keys_to = $4
		WHERE workspace_id = $1 AND user_id = $2 AND removed_at IS NULL`,
		r.WorkspaceID, r.UserID, moment(r.At), optional(r.KeysTo)))
	if err != nil {
		return err
	}
	followers, err := queryAll(ctx, t.reader, single[string],
		`UPDATE members SET keys_to = $3 WHERE workspace_id = $1 AND keys_to = $2 RETURNING user_id`,
		r.WorkspaceID, r.UserID, optional(r.KeysTo))
	if err != nil {
		return err
	}
	return t.noteMembers(ctx, r.WorkspaceID, append(followers, r.UserID)...)
}

// EndRemoval implements [workspace.ChangeTx].
func (t *changeTx) EndRemoval(ctx context.Context, workspaceID, userID string) error {
	n, err := t.exec(ctx, `
		UPDATE members SET keys_to = NULL WHERE workspace_id = $1 AND user_id = $2 AND keys_to IS NOT NULL`,
		workspaceID, userID)
	if err != nil || n == 0 {
		return err
	}
	return t.noteMembers(ctx, workspaceID, userID)
}

// noteMembers writes down that members changed.
func (t *changeTx) noteMembers(ctx context.Context, workspaceID string, userIDs ...string) error {
	for _, id := range userIDs {
		if err := t.noteChange(ctx, memberChange, workspaceID, id); err != nil {
			return err
		}
	}
	return nil
}
