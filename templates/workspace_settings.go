package templates

import (
	"time"

	"github.com/keylodge/keylodge/internal/workspace"
)

// WorkspaceSettingsView is what a workspace is called, and how to delete it.
type WorkspaceSettingsView struct {
	Layout
	Notice     string
	Errors     workspace.Fields
	Name       string // as it was typed
	Slug       string // as it was typed
	HostSuffix string // what follows the slug in the workspace's address
	Keys       KeyPolicyForm
	Require    workspace.Requirement // as it was chosen
	Days       string
	AuditDays  string // as it was typed
	Webhook    string // as it was typed

	WebhookOffAt time.Time // since it answered 410 Gone; zero: it is on, or there is none
	Undelivered  []workspace.Message
}

// WorkspaceDeleteView is the question before a workspace is deleted.
type WorkspaceDeleteView struct {
	Layout
	Keys   int // that work now
	Errors workspace.Fields
}
