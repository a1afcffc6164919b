package workspace

import (
	"context"
	"time"
)

// WorkspaceReader reads workspaces, their settings and their webhooks.
type WorkspaceReader interface {
	// Workspaces returns the workspaces that f lets through: by name when f
	// names a member, else the oldest first.
	Workspaces(ctx context.Context, f WorkspaceFilter) ([]Workspace, error)
	// Workspace returns the workspace that l names, unless it was deleted.
	Workspace(ctx context.Context, l WorkspaceLookup) (Workspace, error)
	// ScopeCatalog returns the zero catalog when a workspace has none.
	ScopeCatalog(ctx context.Context, workspaceID string) (ScopeCatalog, error)
	// Webhook returns the webhook of a workspace.
	Webhook(ctx context.Context, workspaceID string) (Webhook, error)
}

// WorkspaceTx changes workspaces, their settings and their webhooks in a write
// transaction.
type WorkspaceTx interface {
	// UpdateWorkspace changes what u names of a workspace.
	UpdateWorkspace(ctx context.Context, id string, u WorkspaceUpdate) error
	PutWebhook(ctx context.Context, workspaceID string, w Webhook) error
	// DeleteWebhook deletes a webhook and the messages that wait for it, and
	// reports whether there was one.
	DeleteWebhook(ctx context.Context, workspaceID string) (bool, error)
	// UpdateWebhook stores the failures, the pause and OffAt of w. It returns
	// false, and changes nothing, when the stored webhook has others than was,
	// or another URL. A webhook that is turned off loses the messages that wait
	// for it.
	UpdateWebhook(ctx context.Context, workspaceID string, was, w Webhook) (bool, error)
}

// WorkspaceChangeTx changes workspaces, their settings and their webhooks in a
// transaction that holds the change number.
type WorkspaceChangeTx interface {
	// InsertWorkspace returns an [Error] of kind Conflict when the slug is
	// taken.
	InsertWorkspace(ctx context.Context, w Workspace) error
	// MoveWorkspace sets the slug, the old slug, and how long the old one leads
	// to the workspace.
	MoveWorkspace(ctx context.Context, w Workspace) error
	// DisableWorkspace disables all keys of a workspace as a whole, or enables
	// them when at is zero. It returns false, and changes nothing, when the
	// workspace is already so.
	DisableWorkspace(ctx context.Context, workspaceID string, at time.Time) (bool, error)
	// DeleteWorkspace removes a workspace and its invitations for good. Its
	// keys and sessions are refused, and its slug stays taken. It returns
	// [ErrNotFound] when the workspace is already deleted.
	DeleteWorkspace(ctx context.Context, id string, at time.Time) error
}

// WorkspaceLookup names one workspace by its id, its slug, or a slug that it
// had before and that leads to it at a time.
type WorkspaceLookup struct {
	ID      string
	Slug    string
	OldSlug string
	At      time.Time // for OldSlug
}

// WorkspaceFilter narrows a list of workspaces. The zero filter lets through
// all that are not deleted.
type WorkspaceFilter struct {
	MemberID     string    // a user who is an active member
	KeysOf       string    // a user who owns keys there, or did before they were removed
	LooksLike    string    // a slug that theirs looks like, or that leads to them at At
	At           time.Time // for LooksLike
	LimitedAudit bool      // whose audit events are deleted after some days
	Deleted      bool      // lets deleted workspaces through too
	Limit        int       // 0: no limit
}

// WorkspaceUpdate is what changes of a workspace; zero fields stay as they are.
type WorkspaceUpdate struct {
	Name         string
	KeyPolicy    *KeyPolicy
	SignInPolicy *SignInPolicy
	AuditDays    *int // 0: the audit log is kept forever
	Scopes       *ScopeCatalog
}
