// Package templates turns what a handler has gathered into HTML. Its views are
// plain data; it asks nobody anything and decides nothing about who may do
// what.
package templates

import (
	"time"

	"github.com/keylodge/keylodge/internal/secret"
	"github.com/keylodge/keylodge/internal/workspace"
)

// Frame is what every page has around it.
type Frame struct {
	Title     string              // of the page; the layout adds the workspace
	Workspace workspace.Workspace // zero: no workspace (set-up, the finder)
	Viewer    workspace.Member    // zero: nobody is signed in
	Method    workspace.Method    // how the viewer signed in
	Others    []Other
	Now       time.Time
}

// Other is a workspace that the viewer may go to.
type Other struct{ Name, URL string }

// GeneralView is what a workspace is called, and how to delete it.
type GeneralView struct {
	Frame
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

// KeyPolicyForm is what new keys may be, as it was typed.
type KeyPolicyForm struct {
	MaxDays, DefaultDays, MaxKeys string
	NeedName                      string // "true" or empty
	FullAccess                    string
	Within                        string
}

// DeleteWorkspaceView is the question before a workspace is deleted.
type DeleteWorkspaceView struct {
	Frame
	Keys   int // that work now
	Errors workspace.Fields
}

// SignedIn says whether somebody is.
func (f Frame) SignedIn() bool { return f.Viewer.UserID != "" }

// SetupForm makes the first workspace and its owner. Passwords are never sent
// back to the browser.
type SetupForm struct {
	Token         string
	WorkspaceName string
	Slug          string
	Name          string
	Email         string
	HostSuffix    string // what follows the slug in the workspace's address: ".localhost:8080"
	Errors        workspace.Fields
}

// SignInForm is e-mail, password, and where to go after.
type SignInForm struct {
	Email     string
	Next      string
	Notice    string // why one is here, such as "You are signed out."; may be empty
	Failed    string // why it did not work; may be empty
	Providers []workspace.Provider
}

// PasswordForm sets a password by a one-time link.
type PasswordForm struct {
	Token  string
	Link   workspace.EmailLink
	Errors workspace.Fields
}

// ForgottenForm asks who has forgotten their password for their address.
type ForgottenForm struct {
	Email     string
	SendsMail bool
	Errors    workspace.Fields
}

// FinderForm asks for a workspace's address where several share one
// installation.
type FinderForm struct {
	Notice     string // why one is here; may be empty
	Slug       string
	HostSuffix string
	Errors     workspace.Fields
}

// KeysView is one page of the list of API keys.
type KeysView struct {
	Frame
	State    workspace.KeyState
	Filter   workspace.KeyFilter
	Counts   workspace.KeyCounts
	Page     workspace.KeyPage
	OnlyOwn  bool // the viewer sees their own keys only
	MayAdd   bool
	Notice   string // what has just happened, announced; may be empty
	Receipt  string // the id of the key that was revoked; may be empty
	MayUndo  bool   // that revocation
	Expiring int    // how many of all keys that the viewer may see end within 14 days
	Self     string // this page's own path and query: where Cancel and a revocation come back to
}

// NoKeysView is the page of a member who may have no API keys: it says whom to
// ask.
type NoKeysView struct {
	Frame
	Ask []workspace.Member
}

// AddKeyForm is the form for a new key, each field as it was typed. Expires is
// "never", "30d", "90d" or "date"; ExpiresAt is the date's own field,
// YYYY-MM-DDTHH:MM in UTC. Access is "full" or "restricted"; Scope is what it
// is restricted to.
type AddKeyForm struct {
	Frame
	Name      string
	Expires   string
	ExpiresAt string
	Access    string
	Scope     string   // with spaces between several
	Templates []string // of scopes, by name
	Catalogue workspace.ScopeCatalogue
	AllowFrom string
	RateLimit string
	Owner     string                   // a service account's id, or empty
	Owners    []workspace.ListedMember // service accounts that the viewer may choose
	Nonce     string
	Prove     bool // full access wants the password once more
	Errors    workspace.Fields
}

// ScopesView is what keys of a workspace can be restricted to.
type ScopesView struct {
	Frame
	Notice         string
	Catalogue      workspace.ScopeCatalogue
	Scope          workspace.NamedScope // as typed
	Template       string               // as typed
	TemplateScopes string               // as typed
	Errors         workspace.Fields     // by name, description, group, template and scopes
}

// OnceView shows a new key, once.
type OnceView struct {
	Frame
	Key     workspace.Key
	Secret  secret.Secret
	Origin  string // where the API is: "http://acme.localhost:8080"
	Overlap string // for how long the secret before it goes on, see workspace.Overlaps; empty: there is none
}

// KeyView is all that is known of one key.
type KeyView struct {
	Frame
	Key        workspace.ListedKey
	Activity   workspace.KeyActivity
	MayChange  bool
	MayRotate  bool
	MayRestart bool   // undo its revocation, or enable it
	Origin     string // where the API is
	Notice     string
}

// EditKeyView asks what a key should be.
type EditKeyView struct {
	AddKeyForm
	Key      workspace.ListedKey // as it is
	Conflict string              // somebody else has changed it meanwhile; may be empty
}

// OverviewView is how the keys of a workspace are.
type OverviewView struct {
	Frame
	workspace.Overview
}

// BulkView is the question before a bulk action.
type BulkView struct {
	Frame
	Action    workspace.BulkAction
	All       bool     // all that the list shows, on all its pages
	Keys      []string // their ids
	InUse     int      // of them
	State     workspace.KeyState
	Filter    workspace.KeyFilter
	Reason    string // as was chosen
	Expires   string // as was chosen, see AddKeyForm
	ExpiresAt string // as it was typed
	Back      string // the list as it was
	Errors    workspace.Fields
}

// JobView is how far a job has got.
type JobView struct {
	Frame
	Job workspace.Job
}

// AuditView is a page of the audit log.
type AuditView struct {
	Frame
	Query    workspace.EventQuery
	From, To string // days, as they were typed
	Events   []workspace.ListedEvent
	Next     string // the id to go on after; may be empty
}

// AlreadyCreatedView answers a form that was sent twice. The key was shown by
// the first answer only.
type AlreadyCreatedView struct {
	Frame
	Key       workspace.ListedKey
	MayRevoke bool
}

// RevokeView is the question before a key is revoked.
type RevokeView struct {
	Frame
	Key      workspace.ListedKey
	Activity workspace.KeyActivity
	Reason   string // as was chosen
	Back     string // the list as it was
	Errors   workspace.Fields
}

// RotateView is the question before a key is rotated.
type RotateView struct {
	Frame
	Key    workspace.ListedKey
	Errors workspace.Fields
}

// SessionsView is where a person is signed in.
type SessionsView struct {
	Frame
	Sessions []workspace.Session
	This     string // the id of the session that looks
	Notice   string
}

// ConfirmForm asks for one more proof. Passwords are never sent back to the
// browser.
type ConfirmForm struct {
	Ways      workspace.WaysIn
	Providers []workspace.Provider // that know the person
	Next      string
	Untold    bool   // the person's provider doesn't say when they proved who they are
	MaySetUp  bool   // the person may add a sign-in method in this session
	With      string // WithFactor, or empty: anything is proof enough
	Held      bool   // the workspace requires one of the person’s factors before they go on
	Errors    workspace.Fields
}

// MembersView is one page of the list of people, or of service accounts.
type MembersView struct {
	Frame
	Members     []workspace.ListedMember
	Next        string // the id to go on after; may be empty
	Notice      string
	Invitations []workspace.Invitation // that are open, for who may invite
}

// InviteForm asks whom to invite: addresses as they were typed, several with
// spaces, commas or lines between them.
type InviteForm struct {
	Emails string
	Role   workspace.Role
	Errors workspace.Fields
}

// InvitedView shows the links of new invitations, once.
type InvitedView struct {
	Frame
	Role    workspace.Role
	Invited []workspace.Invited
	Mailed  bool // the links are on their way too
	Link    func(token string) string
}

// InvitationForm is what who was invited is asked for. Passwords are never sent
// back to the browser.
type InvitationForm struct {
	Token  string
	Email  string // whose it is
	Role   workspace.Role
	Name   string
	Errors workspace.Fields
}

// ServiceAccountForm is what a new service account should be.
type ServiceAccountForm struct {
	Name   string
	Role   workspace.Role
	Errors workspace.Fields
}

// RemoveMemberView is the question before a member is removed.
type RemoveMemberView struct {
	Frame
	Member workspace.Member
	InUse  workspace.KeysInUse
	Heirs  []workspace.ListedMember // service accounts that may be given the keys
	Keys   string                   // "revoke" or "hand-over", as was chosen
	Heir   string                   // as was chosen
	Errors workspace.Fields
}

// ProvidersView is with which identity providers members may sign in.
type ProvidersView struct {
	Frame
	Providers []workspace.Provider
	Callback  string // where providers send browsers back to
	Notice    string
}

// ProviderForm asks what an identity provider should be. Its secret is never
// sent back to the browser.
type ProviderForm struct {
	Provider workspace.Provider
	Scopes   string          // as they were typed
	Domains  string          // as they were typed
	RoleMap  string          // as it was typed
	Refused  workspace.Event // the newest error that the provider answered with, or a zero event
	Callback string
	Errors   workspace.Fields
}

// MemberView asks what a member should be.
type MemberView struct {
	Frame
	Member workspace.Member
	Roles  []workspace.Role // that the viewer may give
	Errors workspace.Fields
}

// SecurityView is how a person signs in. Passwords are never sent back to the
// browser.
type SecurityView struct {
	Frame
	Ways          workspace.WaysIn
	TakesPasskeys bool
	Providers     []workspace.Provider // of the workspace
	SendsMail     bool
	NewEmail      string // as it was typed
	Held          bool   // the workspace requires more before the person may go on
	Notice        string
	Errors        workspace.Fields
}

// TOTPView sets up an authenticator app.
type TOTPView struct {
	Frame
	Secret  string // base32
	Address string // that the QR code holds
	Errors  workspace.Fields
}

// CodesView shows recovery codes, once.
type CodesView struct {
	Frame
	Codes []string
}

// CodeForm is the second half of a sign-in.
type CodeForm struct {
	Token  string // that goes on with it
	Next   string
	Errors workspace.Fields
}

// ErrorView is a page that says what went wrong and what to do next.
type ErrorView struct {
	Frame
	Status    int
	Heading   string
	Message   string
	RequestID string
}
