package workspace

import (
	"context"
	"errors"
	"time"
)

// Store keeps everything that must outlive the process. It knows no rules: who
// may do what, and what is valid, was decided before it is asked.
//
// Methods that look for one row return [ErrNotFound] when there is none. When
// the database is locked, full, read-only or out of reach, they return an
// [Error] of kind Unavailable with the cause.
type Store interface {
	Reader

	// Update runs fn in one write transaction: committed when fn returns nil,
	// undone otherwise. It is for what no verification depends on: sessions,
	// tokens, throttles, refusals in the audit log. When fn returns
	// [ErrNothingChanged] the transaction is undone and Update returns nil.
	Update(ctx context.Context, fn func(Tx) error) error

	// Change is Update for whatever may decide a key check. It takes the next
	// change number before fn runs and holds it to commit, so Change
	// transactions run one after another on all nodes, numbers commit in order,
	// and what fn reads can't change under it. When fn returns
	// [ErrNothingChanged] the transaction is undone, no number is used, and
	// Change returns nil.
	Change(ctx context.Context, fn func(ChangeTx) error) error

	// ChangeNumber returns the newest committed change number. When it is older
	// than one that this process knows, the database has gone back: see
	// FactsSince.
	ChangeNumber(ctx context.Context) (int64, error)

	// Queued returns a channel that receives after this Store has committed
	// messages of a channel. One receive may stand for many messages.
	Queued(channel Channel) <-chan struct{}

	// Stamp returns a value that differs after every commit of any process,
	// where the engine has one that costs no question (SQLite's mapped WAL
	// index); false where it has none.
	Stamp() (Stamp, bool)

	// Halted returns why the database must not be used any more by this
	// process, an [Error] of kind Unavailable; nil while it may be. Once there
	// is a reason, it stays.
	Halted() error

	// AllFacts streams all that decides key checks, as of one moment, and
	// returns that moment's change number.
	AllFacts(ctx context.Context, into FactSink) (int64, error)

	// FactsSince streams the present facts about everything that changed after
	// a number, and returns the newest number. It returns [ErrChangesGone] when
	// the changes since are no longer all kept. When the database no longer has
	// that number, or another that this process knows, the process is halted,
	// or the error is ErrChangesGone, as the store was told when it was opened.
	FactsSince(ctx context.Context, number int64, into FactSink) (int64, error)

	// RecordUsage keeps the newest use of each key and adds up the counts, all
	// of it or nothing. Uses of keys that no longer exist are passed over, and
	// so is a batch that was recorded before.
	RecordUsage(ctx context.Context, b UsageBatch) error

	// CheckChains reads every chain of audit events, as of one moment and one
	// event at a time. It calls report for each place where one is not whole,
	// and returns the heads.
	CheckChains(ctx context.Context, report func(Break)) ([]ChainHead, error)

	Close() error
}

// Stamp is compared, never read.
type Stamp [6]uint64

// Reader reads single rows and small lists.
type Reader interface {
	// Workspaces returns up to limit workspaces, the oldest first.
	Workspaces(ctx context.Context, limit int) ([]Workspace, error)
	Workspace(ctx context.Context, id string) (Workspace, error)
	WorkspaceBySlug(ctx context.Context, slug string) (Workspace, error)
	// WorkspaceByOldSlug returns the workspace that a slug still leads to.
	WorkspaceByOldSlug(ctx context.Context, slug string, now time.Time) (Workspace, error)
	// WorkspacesLike returns those, deleted ones too, whose slug looks like
	// this one or is led from it.
	WorkspacesLike(ctx context.Context, slug string, now time.Time) ([]Workspace, error)
	// WorkspacesOf returns up to limit workspaces in which a person is an
	// active member, by name.
	WorkspacesOf(ctx context.Context, userID string, limit int) ([]Workspace, error)

	User(ctx context.Context, id string) (User, error)
	UserByEmail(ctx context.Context, foldedEmail string) (User, error)

	Member(ctx context.Context, workspaceID, userID string) (Member, error)
	// WasRemoved says whether somebody was a member and is no more.
	WasRemoved(ctx context.Context, workspaceID, userID string) (bool, error)
	// Members returns up to limit people, or service accounts, by their ids,
	// which tell who came first: those after one, or the first ones.
	Members(ctx context.Context, workspaceID string, service bool, after string, limit int) ([]ListedMember, error)
	// MembersLike returns the ids of up to limit members whose name or address
	// has a text in lower case in it.
	MembersLike(ctx context.Context, workspaceID, text string, limit int) ([]string, error)
	// Invitations returns up to limit invitations to a workspace, the newest
	// first.
	Invitations(ctx context.Context, workspaceID string, limit int) ([]Invitation, error)
	// Webhook returns that of a workspace.
	Webhook(ctx context.Context, workspaceID string) (Webhook, error)
	// DueRoutes returns the routes with messages of a channel that may be
	// claimed at a moment, in the order of their lanes.
	DueRoutes(ctx context.Context, channel Channel, now time.Time) ([]Route, error)
	// QueuedMessages counts the messages that wait in a lane, up to limit.
	QueuedMessages(ctx context.Context, channel Channel, lane string, limit int) (int, error)
	// UndeliveredMessages returns up to limit messages of a workspace that were
	// given up, the newest first.
	UndeliveredMessages(ctx context.Context, workspaceID string, limit int) ([]Message, error)
	// ScopeCatalogue returns the zero one where there is none.
	ScopeCatalogue(ctx context.Context, workspaceID string) (ScopeCatalogue, error)
	Invitation(ctx context.Context, workspaceID, id string) (Invitation, error)
	InvitationByEmail(ctx context.Context, workspaceID, foldedEmail string) (Invitation, error)
	InvitationByDigest(ctx context.Context, workspaceID string, digest Digest) (Invitation, error)
	// MembersByRole returns up to limit active people who have one of the
	// roles, the longest-standing first.
	MembersByRole(ctx context.Context, workspaceID string, roles []Role, limit int) ([]Member, error)

	// SessionMember returns a session of a workspace with its member. Both
	// limits are the caller's to check.
	SessionMember(ctx context.Context, workspaceID string, digest Digest) (Session, Member, error)
	// Sessions returns a member's sessions, the one that was seen last first.
	// Both limits are the caller's to check.
	Sessions(ctx context.Context, workspaceID, userID string) ([]Session, error)

	Key(ctx context.Context, workspaceID, keyID string) (ListedKey, error)
	// KeyByID finds a key in whichever workspace has it. It is for the
	// operator.
	KeyByID(ctx context.Context, keyID string) (ListedKey, error)
	// KeyByDigest finds a key, in whichever workspace has it, by its secret or
	// one that it had before.
	KeyByDigest(ctx context.Context, digest Digest) (ListedKey, error)
	// UnrevokedKeyIDs returns the ids of up to limit of a member's keys that
	// are not revoked, the oldest first.
	UnrevokedKeyIDs(ctx context.Context, workspaceID, ownerID string, limit int) ([]string, error)
	// KeysGoTo returns the member whom the keys of a removed member go to, and
	// [ErrNotFound] when they are to be revoked.
	KeysGoTo(ctx context.Context, workspaceID, userID string) (Member, error)
	// UnrevokedKeys returns up to limit of a member's keys that are not
	// revoked, the one that was used last first.
	UnrevokedKeys(ctx context.Context, workspaceID, ownerID string, limit int) ([]ListedKey, error)
	// KeyByNonce finds the key that a person's form has made.
	KeyByNonce(ctx context.Context, workspaceID, createdBy, nonce string) (ListedKey, error)
	Keys(ctx context.Context, q KeyQuery) (KeyPage, error)
	// KeyCounts counts as Keys lists: by workspace, owner and now. Its cost
	// does not grow with the keys that are active or revoked.
	KeyCounts(ctx context.Context, q KeyQuery) (KeyCounts, error)

	// OldSecrets returns those that a key had before, the newest first.
	OldSecrets(ctx context.Context, keyID string) ([]OldSecret, error)
	// RotationsBy returns when a person made their nth rotation since a moment,
	// counted back from their last one; the zero time: they made fewer.
	RotationsBy(ctx context.Context, userID string, since time.Time, nth int) (time.Time, error)
	// KeySources returns from where a key is used of late, the newest first.
	KeySources(ctx context.Context, keyID string) ([]KeySource, error)

	// UsedSince counts those of some keys whose last use is not before a
	// moment.
	UsedSince(ctx context.Context, workspaceID string, ids []string, since time.Time) (int, error)
	Job(ctx context.Context, workspaceID, id string) (Job, error)
	// DueJobs returns the oldest job of each workspace of those that a claim
	// could take, up to 1,000.
	DueJobs(ctx context.Context, c JobClaim) ([]Job, error)
	// ExpiringKeys counts, up to CountedUpTo and one more, the live keys that
	// end before a moment: everybody's, or one owner's.
	ExpiringKeys(ctx context.Context, workspaceID, ownerID string, now, before time.Time) (int, error)
	// KeyHealth counts, up to CountedUpTo and one more, the live keys that may
	// want cleaning up.
	KeyHealth(ctx context.Context, workspaceID string, now, unusedSince, expiresBefore time.Time) (KeyHealth, error)
	// WorkspaceUsage returns the counts of all keys of a workspace together,
	// without KeyID, from an hour on, in the order of hours.
	WorkspaceUsage(ctx context.Context, workspaceID string, from time.Time) ([]HourCount, error)
	// KeyUsage returns the counts of a key from an hour on, in the order of
	// hours.
	KeyUsage(ctx context.Context, keyID string, from time.Time) ([]HourCount, error)

	OneTimeToken(ctx context.Context, purpose Purpose, digest Digest) (OneTimeToken, error)
	// TOTP returns a person's second factor.
	TOTP(ctx context.Context, userID string) (TOTP, error)
	// RecoveryCodes counts those that a person has left.
	RecoveryCodes(ctx context.Context, userID string) (int, error)
	// Passkeys returns a person's passkeys, the oldest first.
	Passkeys(ctx context.Context, userID string) ([]Passkey, error)
	PasskeyByCredential(ctx context.Context, credential []byte) (Passkey, error)
	// Providers returns a workspace's identity providers, the oldest first.
	Providers(ctx context.Context, workspaceID string) ([]Provider, error)
	Identity(ctx context.Context, issuer, subject string) (Identity, error)
	Identities(ctx context.Context, userID string) ([]Identity, error)
	// Throttle returns a zero count for a subject that has none.
	Throttle(ctx context.Context, subject string) (Throttle, error)
	// KnownDevice says whether the person has signed in from the device before.
	KnownDevice(ctx context.Context, userID string, device Digest) (bool, error)

	// AuditRetentions returns the workspaces, deleted ones too, that do not
	// keep their audit log for ever.
	AuditRetentions(ctx context.Context) ([]AuditRetention, error)
	// Events returns audit events, the newest first.
	Events(ctx context.Context, q EventQuery) ([]ListedEvent, error)
}

// Tx is one write transaction.
type Tx interface {
	Reader

	// InsertEvent gives an event its place in its chain and writes it down,
	// both as the last thing that the transaction does: its Number and Hash are
	// not yet known when InsertEvent returns.
	InsertEvent(ctx context.Context, e Event) error
	// PruneEvents deletes up to limit events of a workspace from before a
	// moment, from the beginning of its log on and up to the first that is not.
	// Nobody else writes to that log until the transaction ends.
	PruneEvents(ctx context.Context, workspaceID string, before time.Time, limit int) (PrunedEvents, error)

	// Prune deletes up to r.Limit rows of each table that r names, and says
	// whether there may be more.
	Prune(ctx context.Context, r Retention) (more bool, err error)

	InsertSession(ctx context.Context, s Session) error
	TouchSession(ctx context.Context, digest Digest, seen time.Time) error
	// SetSessionMethods sets how a session was begun, and how its person last
	// proved who they are. It returns [ErrNotFound] when the session has ended.
	SetSessionMethods(ctx context.Context, digest Digest, method, proof Method) error
	DeleteSession(ctx context.Context, digest Digest) error
	// DeleteSessionsOf ends every session of a person, in all workspaces.
	DeleteSessionsOf(ctx context.Context, userID string) error
	// DeleteOtherSessionsOf ends every session of a person but one.
	DeleteOtherSessionsOf(ctx context.Context, userID string, kept Digest) error
	// DeleteMemberSessions ends every session of a member in one workspace.
	DeleteMemberSessions(ctx context.Context, workspaceID, userID string) error

	// InsertJob keeps a new job with the pieces of the keys that it is to look
	// at.
	InsertJob(ctx context.Context, j Job, pieces [][]string) error
	// CountBulkJobs counts the bulk jobs of a workspace that have not ended,
	// and keeps others from adding one before the transaction ends.
	CountBulkJobs(ctx context.Context, workspaceID string) (int, error)
	// ClaimJob takes a job for a node. It returns [ErrNotFound] when the job
	// has ended, is not to be tried yet, or is another node's.
	ClaimJob(ctx context.Context, id string, c JobClaim) (Job, error)
	// JobKeys returns a piece of the keys that a bulk job has yet to look at,
	// and [ErrNotFound] when there is none.
	JobKeys(ctx context.Context, jobID string) (JobKeys, error)
	// AdvanceJob keeps how far a job has got, and what is left of a piece. The
	// zero piece is none. A job that has ended loses its pieces.
	AdvanceJob(ctx context.Context, j Job, left JobKeys) error
	// ReleaseJobs ends the claims of a node.
	ReleaseJobs(ctx context.Context, node string) error

	RenameWorkspace(ctx context.Context, id, name string) error
	PutWebhook(ctx context.Context, workspaceID string, w Webhook) error
	// DeleteWebhook says whether there was one.
	DeleteWebhook(ctx context.Context, workspaceID string) (bool, error)
	// PauseWebhook counts a failure of a webhook at a moment and leaves it
	// alone until another, unless it is left alone already.
	PauseWebhook(ctx context.Context, workspaceID string, since, until time.Time) error
	// ResumeWebhook forgets the failures of a webhook.
	ResumeWebhook(ctx context.Context, workspaceID string) error
	// TurnWebhookOff turns a webhook off and deletes the messages that wait for
	// it. It returns false when it was off already or has another URL.
	TurnWebhookOff(ctx context.Context, workspaceID, url string, at time.Time) (bool, error)

	InsertMessage(ctx context.Context, m Message) error
	// ClaimMessage claims the oldest message of a route that is due, until a
	// moment, and counts the attempt. It returns [ErrNotFound] when none is
	// due. Of two callers at once only one gets a message.
	ClaimMessage(ctx context.Context, channel Channel, route Route, now, until time.Time) (Message, error)
	// UpdateMessage sets when a message is sent next, its deadline, error,
	// claim and whether it was given up. It returns false, and changes nothing,
	// when the message is gone or has been claimed again: m.Attempts tells.
	UpdateMessage(ctx context.Context, m Message) (bool, error)
	DeleteMessage(ctx context.Context, id string) error
	// DeleteMessages deletes the messages of a workspace that wait.
	DeleteMessages(ctx context.Context, workspaceID string, channel Channel) error
	// GiveUpMessages gives up, and returns, the messages past their deadline
	// that nobody is sending.
	GiveUpMessages(ctx context.Context, now time.Time) ([]Message, error)
	// TakeUndelivered deletes a message that was given up, and returns it.
	TakeUndelivered(ctx context.Context, workspaceID, id string) (Message, error)
	// KeepUndelivered deletes all but the newest messages that were given up.
	KeepUndelivered(ctx context.Context, workspaceID string, newest int) error
	// ClaimWarnings returns up to limit live keys that end after now and not
	// after until, and marks that people are told of it this many days before.
	// No key is returned twice for the same days, or for more after fewer.
	ClaimWarnings(ctx context.Context, now, until time.Time, days, limit int) ([]ListedKey, error)
	SetScopeCatalogue(ctx context.Context, workspaceID string, c ScopeCatalogue) error
	SetKeyPolicy(ctx context.Context, workspaceID string, p KeyPolicy) error
	SetSignInPolicy(ctx context.Context, workspaceID string, p SignInPolicy) error
	// SetAuditDays says how many days the audit log is kept; 0: for ever.
	SetAuditDays(ctx context.Context, workspaceID string, days int) error

	// PutInvitation stores an invitation and returns the one to the same email
	// that it replaces, or the zero Invitation.
	PutInvitation(ctx context.Context, i Invitation) (replaced Invitation, err error)
	// DeleteInvitation returns what it has deleted; of two callers at once only
	// one gets it.
	DeleteInvitation(ctx context.Context, workspaceID, id string) (Invitation, error)

	InsertOneTimeToken(ctx context.Context, t OneTimeToken) error
	// UseOneTimeToken deletes the token and returns it; of two callers at once
	// only one gets it.
	UseOneTimeToken(ctx context.Context, purpose Purpose, digest Digest) (OneTimeToken, error)
	// DeleteOneTimeTokens removes every token of a purpose and, unless userID
	// is empty, of that person, with the messages in which another would be
	// sent.
	DeleteOneTimeTokens(ctx context.Context, purpose Purpose, userID string) error
	// DeleteTokensOf removes every token of a person, whatever its purpose.
	DeleteTokensOf(ctx context.Context, userID string) error

	// CountFailure adds one failure to a subject and returns the new count.
	// Counts older than since start again.
	CountFailure(ctx context.Context, subject string, now, since time.Time) (Throttle, error)
	BlockUntil(ctx context.Context, subject string, until time.Time) error
	// ForgiveFailure takes one failure back and ends the block.
	ForgiveFailure(ctx context.Context, subject string) error
	DeleteThrottle(ctx context.Context, subject string) error
	InsertKnownDevice(ctx context.Context, userID string, device Digest, now time.Time) error

	// PutTOTP keeps a person's second factor in place of any other.
	PutTOTP(ctx context.Context, f TOTP) error
	DeleteTOTP(ctx context.Context, userID string) error
	// UseTOTPStep returns false when the code of that time step, or of a later
	// one, was used; of two callers at once only one gets true.
	UseTOTPStep(ctx context.Context, userID string, step int64) (bool, error)
	// PutRecoveryCodes keeps codes in place of all that a person had.
	PutRecoveryCodes(ctx context.Context, userID string, digests []Digest) error
	// UseRecoveryCode deletes a code; of two callers at once only one gets
	// true.
	UseRecoveryCode(ctx context.Context, userID string, digest Digest) (bool, error)

	// InsertPasskey returns an [Error] of kind Conflict when somebody has the
	// credential already.
	InsertPasskey(ctx context.Context, p Passkey) error
	// UsePasskey writes down that a passkey was used, and how it has changed by
	// that.
	UsePasskey(ctx context.Context, id, data string, at time.Time) error
	// DeletePasskeys deletes all of a person's. It returns [ErrNotFound] when
	// there are none.
	DeletePasskeys(ctx context.Context, userID string) error
	// DeletePasskey returns what it has deleted.
	DeletePasskey(ctx context.Context, userID, id string) (Passkey, error)

	PutProvider(ctx context.Context, p Provider) error
	DeleteProvider(ctx context.Context, workspaceID, id string) error
	// InsertIdentity returns an [Error] of kind Conflict when the identity is
	// somebody's already.
	InsertIdentity(ctx context.Context, i Identity) error
	UseIdentity(ctx context.Context, i Identity, at time.Time) error
	// DeleteIdentities deletes those that a person has at an issuer.
	DeleteIdentities(ctx context.Context, userID, issuer string) error

	// HoldCredentials lets nobody else change how a person signs in until the
	// transaction ends. It returns [ErrNotFound] when the version of their
	// credentials is another one.
	HoldCredentials(ctx context.Context, userID string, version int64) error
	// RaiseCredentials is HoldCredentials for a transaction that changes how a
	// person signs in: it raises the version and returns the new one.
	RaiseCredentials(ctx context.Context, userID string) (version int64, err error)

	SetPassword(ctx context.Context, userID, hash string) error
	// ConfirmUser writes down that a person's address was proven to be theirs.
	ConfirmUser(ctx context.Context, userID string, at time.Time) error
	// DeleteSignInMethods deletes all that a person signs in with but their
	// password: passkeys, the authenticator app, recovery codes, identities
	// and known devices.
	DeleteSignInMethods(ctx context.Context, userID string) error
	// SetEmail returns an [Error] of kind Conflict when somebody else has the
	// address.
	SetEmail(ctx context.Context, userID, foldedEmail string) error
}

// Retention says what [Tx].Prune deletes: rows from before these moments. A zero
// moment keeps all.
type Retention struct {
	SessionsSeen  time.Time // sessions last seen before it
	SessionsBegun time.Time // sessions begun before it
	OneTimeTokens time.Time // one-time tokens that expired before it
	Throttles     time.Time // throttles whose last failure and block were before it
	KnownDevices  time.Time // devices that were first used before it
	Undelivered   time.Time // messages given up before it
	UsageHours    time.Time // counts of hours before it
	UsageBatches  time.Time // ids of usage batches recorded before it
	Jobs          time.Time // jobs that ended before it
	Limit         int       // rows of each table that one call deletes
}

// ChangeTx is a write transaction that holds the change number. Each of its own
// methods also writes down what changed, so that every index hears of it.
type ChangeTx interface {
	Tx

	// InsertWorkspace returns an [Error] of kind Conflict when the slug is
	// taken.
	InsertWorkspace(ctx context.Context, w Workspace) error
	// InsertUser returns an [Error] of kind Conflict when the address has an
	// account.
	InsertUser(ctx context.Context, u User) error
	// InsertMember returns an [Error] of kind Conflict when the person is a
	// member already. One who was removed comes back, once their keys are
	// settled; until then the error is of kind Unavailable.
	InsertMember(ctx context.Context, m Member) error
	// UpdateMember sets role and active, and a service account's name.
	UpdateMember(ctx context.Context, m Member) error
	// RemoveMember lets nobody find the member any more. Their keys that are
	// not revoked are refused, or act as keys of the member whom they go to.
	RemoveMember(ctx context.Context, r Removal) error
	// EndRemoval says that a removed member has no keys left to revoke or to
	// hand over.
	EndRemoval(ctx context.Context, workspaceID, userID string) error
	// InsertKey returns an [Error] of kind Conflict when the person's nonce has
	// made a key already.
	InsertKey(ctx context.Context, k Key) error
	// MoveWorkspace sets the slug, the old slug, and how long that leads to it.
	MoveWorkspace(ctx context.Context, w Workspace) error
	// UpdateKey sets name, expiry and limits.
	UpdateKey(ctx context.Context, k Key) error
	// RevokeKey returns false, and changes nothing, when the key is revoked
	// already.
	RevokeKey(ctx context.Context, workspaceID, keyID string, r Revocation) (bool, error)
	// RestoreKey takes a revocation back. It returns false, and changes
	// nothing, when the key is not revoked.
	RestoreKey(ctx context.Context, workspaceID, keyID string) (bool, error)
	// RotateKey sets a key's secret, and keeps the one before it. Of those
	// before that, only the newest are kept, MaxOldSecrets in all.
	RotateKey(ctx context.Context, k Key, old OldSecret) error
	// SetSecretEnd sets when an old secret ends, or that it has.
	SetSecretEnd(ctx context.Context, old OldSecret) error
	// HandOverKey gives a key another owner.
	HandOverKey(ctx context.Context, workspaceID, keyID, ownerID string) error
	// DeleteWorkspace removes a workspace, its sessions and its invitations for
	// good. Its keys are refused, and its slug stays taken. It returns
	// [ErrNotFound] when that has been done.
	DeleteWorkspace(ctx context.Context, id string, at time.Time) error
	// DisableKey disables a key, or enables it when at is zero. It returns
	// false, and changes nothing, when the key is so already, or revoked.
	DisableKey(ctx context.Context, workspaceID, keyID, by string, at time.Time) (bool, error)
	// DisableWorkspace disables all keys of a workspace as a whole, or enables
	// them when at is zero. It returns false, and changes nothing, when it is
	// so already.
	DisableWorkspace(ctx context.Context, workspaceID string, at time.Time) (bool, error)
}

// ErrNothingChanged undoes a [Store.Update] or [Store.Change] without a
// failure.
var ErrNothingChanged = errors.New("nothing changed")

// ErrChangesGone says that an index must be loaded whole.
var ErrChangesGone = errors.New("the changes since are not all kept")

// FactSink takes facts as the store streams them. A fact replaces what was
// known of the same thing. Workspaces come before members, members before old
// secrets, and those before keys. Each old secret that is new, or has changed,
// comes with its key; those that a key had more than MaxOldSecrets secrets ago
// are dropped without a word.
type FactSink interface {
	Workspace(WorkspaceFact)
	Member(MemberFact)
	OldSecret(OldSecretFact)
	Key(KeyFact)
}

// MemberFact is what the index knows of a member, or of one who was removed.
type MemberFact struct {
	WorkspaceID string
	UserID      string // who owns the keys
	ActsAs      string // as whom the keys act: UserID, or the member whom the keys of UserID go to
	Role        Role   // of ActsAs
	Active      bool   // of ActsAs
}

// WorkspaceFact is what the index knows of a workspace.
type WorkspaceFact struct {
	ID       string
	Slug     string
	OldSlug  string    // which leads here too
	OldUntil time.Time // and how long
	Disabled bool
}

// At says whether the workspace is at the address of a slug.
func (w *WorkspaceFact) At(slug string, now time.Time) bool {
	return w.Slug == slug || w.OldSlug == slug && now.Before(w.OldUntil)
}

// KeyFact is what the index knows of a key.
type KeyFact struct {
	ID          [IDBytes]byte
	Digest      Digest
	WorkspaceID string
	OwnerID     string
	Name        string
	Limits      Limits
	ExpiresAt   time.Time // zero: never
	Ended       bool      // whatever ExpiresAt says
	Secret      int       // the number of the key's secret that Digest is of
	Disabled    bool
	Revoked     bool
}

// OldSecretFact is what the index knows of a secret that a key had before.
type OldSecretFact struct {
	KeyID  [IDBytes]byte
	Digest Digest
	Number int
	EndsAt time.Time
	Ended  bool // whatever EndsAt says
}
