package workspace

import (
	"time"

	"github.com/keylodge/keylodge/internal/secret"
)

// Action names what an audit event records, as OBJECT.VERB in the past tense.
type Action string

// The actions that are recorded.
const (
	ActionWorkspaceCreated     Action = "workspace.created"
	ActionWorkspaceDisabled    Action = "workspace.disabled"
	ActionWorkspaceEnabled     Action = "workspace.enabled"
	ActionWorkspaceMoved       Action = "workspace.moved"
	ActionWorkspaceRenamed     Action = "workspace.renamed"
	ActionKeyPolicySet         Action = "workspace.key_policy_set"
	ActionScopeSaved           Action = "scope.saved"
	ActionScopeRemoved         Action = "scope.removed"
	ActionScopeTemplateSaved   Action = "scope_template.saved"
	ActionScopeTemplateRemoved Action = "scope_template.removed"
	ActionSignInPolicySet      Action = "workspace.sign_in_policy_set"
	ActionAuditRetentionSet    Action = "workspace.audit_retention_set"
	ActionWorkspaceDeleted     Action = "workspace.deleted"
	ActionAuditLogPruned       Action = "audit_log.pruned"
	ActionMemberAdded          Action = "member.added"
	ActionMemberChanged        Action = "member.changed"
	ActionMemberInvited        Action = "member.invited"
	ActionMemberUninvited      Action = "member.uninvited"
	ActionMemberRemoved        Action = "member.removed"
	ActionServiceAccountAdded  Action = "service_account.added"
	ActionKeyAdded             Action = "key.added"
	ActionKeyEdited            Action = "key.edited"
	ActionKeyRevoked           Action = "key.revoked"
	ActionKeyRestored          Action = "key.restored"
	ActionKeyRotated           Action = "key.rotated"
	ActionOverlapSet           Action = "key.overlap_set"
	ActionKeyHandedOver        Action = "key.handed_over"
	ActionKeyDisabled          Action = "key.disabled"
	ActionKeyEnabled           Action = "key.enabled"
	ActionKeyExpiryWarned      Action = "key.expiry_warned"
	ActionWebhookSet           Action = "webhook.set"
	ActionWebhookRemoved       Action = "webhook.removed"
	ActionWebhookTurnedOff     Action = "webhook.turned_off"
	ActionMessageRetried       Action = "message.retried"
	ActionMessageDismissed     Action = "message.dismissed"
	ActionSignedIn             Action = "session.signed_in"
	ActionSignInRefused        Action = "session.refused"
	ActionSignedOut            Action = "session.signed_out"
	ActionSessionsEnded        Action = "session.ended"
	ActionResetLinkMade        Action = "password.reset_link_made"
	ActionTOTPAdded            Action = "totp.added"
	ActionTOTPRemoved          Action = "totp.removed"
	ActionCodesMade            Action = "recovery_codes.made"
	ActionCodeUsed             Action = "recovery_codes.used"
	ActionEmailChangeAsked     Action = "email.change_asked"
	ActionEmailChanged         Action = "email.changed"
	ActionEmailChangeCanceled  Action = "email.change_canceled"
	ActionProviderAdded        Action = "provider.added"
	ActionProviderChanged      Action = "provider.changed"
	ActionProviderRemoved      Action = "provider.removed"
	ActionIdentityLinked       Action = "identity.linked"
	ActionIdentityUnlinked     Action = "identity.unlinked"
	ActionPasskeyAdded         Action = "passkey.added"
	ActionPasskeyRemoved       Action = "passkey.removed"
	ActionPasswordSet          Action = "password.set"
	ActionPasswordRefused      Action = "password.refused"
)

// Event is one row of the audit log: who did what to which target, when and
// from where. It is written in the transaction of the mutation itself and holds
// no secret, password or token. The events of a workspace are a chain, and so
// are those of no workspace.
type Event struct {
	ID          string
	WorkspaceID string // empty: about an account, in no workspace
	At          time.Time
	ActorKind   ActorKind
	ActorID     string // a user's id; empty for the operator and for a stranger
	Action      Action
	TargetID    string
	IP          string
	RequestID   string

	// Details are what a reader needs beside the ids, such as a key's hint, a
	// member's role or the actor's session.
	Details map[string]string

	// The event's place in the chain of its workspace, set by the store; zero
	// for an event from before there were chains.
	Number int64         // from 1, without a hole
	Hash   secret.Digest // see [Event.ChainHash]
}
