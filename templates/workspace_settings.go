package templates

import (
	"time"

	"github.com/keylodge/keylodge/internal/workspace"
)

// WorkspaceSettingsView shows the settings of a workspace.
type WorkspaceSettingsView struct {
	Layout
	Notice     string
	Errors     workspace.Fields
	Name       string // as typed
	Slug       string // as typed
	HostSuffix string // what follows the slug in the host of a workspace
	Keys       KeyPolicyForm
	Require    workspace.Requirement // as chosen
	Days       string
	AuditDays  string // as typed
	Webhook    string // as typed

	WebhookOffAt time.Time // when it answered 410 Gone; zero: it is on, or not set
	Undelivered  []workspace.Message
}

// WorkspaceDeleteView asks to confirm the deletion of a workspace.
type WorkspaceDeleteView struct {
	Layout
	Keys   int // active ones
	Errors workspace.Fields
}
