// Package paths is the one table of the URL paths of an installation: the route
// table, the pages and redirects all take them from here.
//
// A path with an id in it is a function. The route table calls it with [ID].
package paths

import "net/url"

// ID stands for an id in the route table.
const ID = ":id"

// What programs call.
const (
	API        = "/api/"
	Verify     = "/verify"
	Envoy      = Verify + "/envoy"
	VerifyJSON = API + "v1/verify"
	Introspect = API + "v1/introspect"
	Me         = API + "v1/me"
	HeldKey    = Me + "/key"
	Leaks      = API + "v1/leaks"
)

// Signing in and out.
const (
	Setup             = "/setup"
	FindWorkspace     = "/find-workspace"
	SignIn            = "/sign-in"
	SignInCode        = SignIn + "/code"
	SignInPasskey     = SignIn + "/passkey"
	PasskeyOptions    = SignInPasskey + "/options"
	SignInWith        = SignIn + "/with"
	Callback          = SignIn + "/callback" // where identity providers send browsers back to
	SignOut           = "/sign-out"
	ForgottenPassword = "/forgotten-password"
	ResetPassword     = "/reset-password"
	ConfirmEmail      = "/confirm-email"
	CancelEmailChange = "/cancel-email-change"
	Invitation        = "/invitation"
	StepUp            = "/confirm"
	StepUpPasskey     = StepUp + "/passkey"
	StepUpWith        = StepUp + "/with"
)

// The settings of a workspace.
const (
	Overview       = "/"
	Settings       = "/settings"
	General        = Settings + "/general"
	WorkspaceSlug  = General + "/address"
	Webhook        = General + "/webhook"
	KeyPolicy      = General + "/keys"
	SignInPolicy   = General + "/sign-in"
	AuditRetention = General + "/audit-log"
	Delete         = General + "/delete"
	Messages       = General + "/messages"

	Keys         = Settings + "/api-keys"
	KeysCSV      = Keys + ".csv"
	KeysJSON     = Keys + ".jsonl"
	NewKey       = Keys + "/new"
	SearchKeys   = Keys + "/search"
	SelectedKeys = Keys + "/selected"

	Scopes              = Settings + "/scopes"
	RemoveScope         = Scopes + "/remove"
	ScopeTemplates      = Scopes + "/templates"
	RemoveScopeTemplate = ScopeTemplates + "/remove"

	Members           = Settings + "/members"
	Invite            = Members + "/invite"
	ServiceAccounts   = Settings + "/service-accounts"
	NewServiceAccount = ServiceAccounts + "/new"

	Providers   = Settings + "/sign-on"
	NewProvider = Providers + "/new"

	AuditLog     = Settings + "/audit-log"
	AuditLogCSV  = AuditLog + ".csv"
	AuditLogJSON = AuditLog + ".jsonl"
)

// The settings of a user.
const (
	Account        = "/account"
	Security       = Account + "/security"
	Password       = Security + "/password"
	Email          = Security + "/email"
	RecoveryCodes  = Security + "/recovery-codes"
	TOTP           = Security + "/totp"
	RemoveTOTP     = TOTP + "/remove"
	Passkeys       = Security + "/passkeys"
	NewPasskey     = Passkeys + "/options"
	Identities     = Security + "/providers"
	Sessions       = Account + "/sessions"
	EndAllSessions = Sessions + "/end-others"
)

// Key is the page of a key.
func Key(id string) string { return below(Keys, id) }

// EditKey is the form that changes a key.
func EditKey(id string) string { return Key(id) + "/edit" }

// DisableKey is where a key is disabled.
func DisableKey(id string) string { return Key(id) + "/disable" }

// EnableKey is where a key is enabled.
func EnableKey(id string) string { return Key(id) + "/enable" }

// RotateKey is the form that gives a key a new secret.
func RotateKey(id string) string { return Key(id) + "/rotate" }

// KeyOverlap is where the end of a key's old secret is set.
func KeyOverlap(id string) string { return Key(id) + "/overlap" }

// RevokeKey is the form that revokes a key.
func RevokeKey(id string) string { return Key(id) + "/revoke" }

// RestoreKey is where the revocation of a key is undone.
func RestoreKey(id string) string { return Key(id) + "/restore" }

// Job is the page of a bulk job.
func Job(id string) string { return below(Keys+"/jobs", id) }

// RetryMessage is where an undelivered message is sent again.
func RetryMessage(id string) string { return below(Messages, id) + "/retry" }

// DismissMessage is where an undelivered message is dropped.
func DismissMessage(id string) string { return below(Messages, id) + "/dismiss" }

// Member is the form that changes a member or a service account.
func Member(id string) string { return below(Members, id) }

// RemoveMember is the form that removes a member or a service account.
func RemoveMember(id string) string { return Member(id) + "/remove" }

// EndMemberSessions is where a member is signed out everywhere.
func EndMemberSessions(id string) string { return Member(id) + "/end-sessions" }

// WithdrawInvitation is where an invitation is withdrawn.
func WithdrawInvitation(id string) string { return below(Members+"/invitations", id) + "/withdraw" }

// Provider is the form that changes an identity provider.
func Provider(id string) string { return below(Providers, id) }

// RemoveProvider is where an identity provider is removed.
func RemoveProvider(id string) string { return Provider(id) + "/remove" }

// SignInWithProvider is where a sign-in with an identity provider begins.
func SignInWithProvider(id string) string { return below(SignInWith, id) }

// StepUpWithProvider is where a step-up with an identity provider begins.
func StepUpWithProvider(id string) string { return below(StepUpWith, id) }

// LinkProvider is where a user links an identity provider.
func LinkProvider(id string) string { return below(Identities, id) }

// UnlinkProvider is where a user unlinks an identity provider.
func UnlinkProvider(id string) string { return LinkProvider(id) + "/unlink" }

// RemovePasskey is where a user removes a passkey.
func RemovePasskey(id string) string { return below(Passkeys, id) + "/remove" }

// EndSession is where a user ends a session.
func EndSession(id string) string { return below(Sessions, id) + "/end" }

// below returns the path of something with an id. PathEscape leaves [ID] as it
// is.
func below(path, id string) string { return path + "/" + url.PathEscape(id) }
