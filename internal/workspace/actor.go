package workspace

import "time"

// ActorKind is the kind of an actor.
type ActorKind string

// The kinds of actor.
const (
	ActorPerson   ActorKind = "person"   // signed in to a workspace
	ActorOperator ActorKind = "operator" // on the command line of the machine: may do anything, in any workspace
	ActorStranger ActorKind = "stranger" // not signed in
	ActorKey      ActorKind = "key"      // the holder of a key
	ActorReport   ActorKind = "report"   // a report of a leaked key
	ActorServer   ActorKind = "server"   // Keylodge itself
)

// Actor is who acts, and from where. What a person may do is not in it: it is
// looked up, in the transaction of the act, from the member's row.
type Actor struct {
	Kind        ActorKind
	WorkspaceID string
	UserID      string    // for ActorPerson
	ProvenAt    time.Time // for ActorPerson: when they last proved who they are; zero: a provider did not say
	Proof       Method    // for ActorPerson: and how they last proved who they are
	Method      Method    // for ActorPerson: how they signed in
	SignedInAt  time.Time // for ActorPerson: when their session began
	SessionID   string    // for ActorPerson: see [Session.ID]
	// CredentialVersion is, for ActorPerson, that of [User] at the time when
	// the session was read.
	CredentialVersion int64
	Slug              string // of the host that was asked; empty: the base host
	IP                string
	UserAgent         string
	RequestID         string
}

// Operator is the actor of the administrative commands.
var Operator = Actor{Kind: ActorOperator}
