package workspace

import (
	"github.com/keylodge/keylodge/internal/secret"
	"time"
)

// Action names what an audit event records, as OBJECT.VERB in the past tense.
type Action string

// The actions that are recorded.
const (
	WorkspaceCreated     Action = "workspace.created"
	WorkspaceDisabled    Action = "workspace.disabled"
	WorkspaceEnabled     Action = "workspace.enabled"
	WorkspaceMoved       Action = "workspace.moved"
	WorkspaceRenamed     Action = "workspace.renamed"
	KeyPolicySet         Action = "workspace.key_policy_set"
	ScopeSaved           Action = "scope.saved"
	ScopeRemoved         Action = "scope.removed"
	ScopeTemplateSaved   Action = "scope_template.saved"
	ScopeTemplateRemoved Action = "scope_template.removed"
	SignInPolicySet      Action = "workspace.sign_in_policy_set"
	AuditRetentionSet    Action = "workspace.audit_retention_set"
	WorkspaceDeleted     Action = "workspace.deleted"
	AuditLogPruned       Action = "audit_log.pruned"
	MemberAdded          Action = "member.added"
	MemberChanged        Action = "member.changed"
	MemberInvited        Action = "member.invited"
	MemberUninvited      Action = "member.uninvited"
	MemberRemoved        Action = "member.removed"
	ServiceAccountAdded  Action = "service_account.added"
	KeyAdded             Action = "key.added"
	KeyEdited            Action = "key.edited"
	KeyRevoked           Action = "key.revoked"
	KeyRestored          Action = "key.restored"
	KeyRotated           Action = "key.rotated"
	OverlapSet           Action = "key.overlap_set"
	KeyHandedOver        Action = "key.handed_over"
	KeyDisabled          Action = "key.disabled"
	KeyEnabled           Action = "key.enabled"
	KeyExpiryWarned      Action = "key.expiry_warned"
	WebhookSet           Action = "webhook.set"
	WebhookRemoved       Action = "webhook.removed"
	WebhookTurnedOff     Action = "webhook.turned_off"
	MessageRetried       Action = "message.retried"
	MessageDismissed     Action = "message.dismissed"
	SignedIn             Action = "session.signed_in"
	SignInRefused        Action = "session.refused"
	SignedOut            Action = "session.signed_out"
	SessionsEnded        Action = "session.ended"
	ResetLinkMade        Action = "password.reset_link_made"
	TOTPAdded            Action = "totp.added"
	TOTPRemoved          Action = "totp.removed"
	CodesMade            Action = "recovery_codes.made"
	CodeUsed             Action = "recovery_codes.used"
	EmailChangeAsked     Action = "email.change_asked"
	EmailChanged         Action = "email.changed"
	EmailChangeCanceled  Action = "email.change_canceled"
	ProviderAdded        Action = "provider.added"
	ProviderChanged      Action = "provider.changed"
	ProviderRemoved      Action = "provider.removed"
	IdentityLinked       Action = "identity.linked"
	IdentityUnlinked     Action = "identity.unlinked"
	PasskeyAdded         Action = "passkey.added"
	PasskeyRemoved       Action = "passkey.removed"
	PasswordSet          Action = "password.set"
	PasswordRefused      Action = "password.refused"
)

// Event is one row of the audit trail: who did what to which thing, when, and
// from where. It is written in the transaction of the act itself and holds no
// key, password or token. The events of a workspace are a chain, and so are
// those of none.
type Event struct {
	ID          string
	WorkspaceID string // empty for an act on an account in no workspace
	At          time.Time
	ActorKind   ActorKind
	ActorID     string // a user's id; empty for the operator and for a stranger
	Action      Action
	TargetID    string
	Details     map[string]string // what a reader needs beside the ids: a key's hint, a member's role, the session of who did it
	Address     string
	RequestID   string

	// Its place in the chain of its workspace, which the store gives it; zero
	// for one from before there were chains.
	Number int64         // from 1, without a hole
	Hash   secret.Digest // see [Event.ChainHash]
}
