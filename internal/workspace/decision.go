package workspace

import (
	"net/netip"
	"time"
)

// Decision is the outcome of a verification: whether a key may be used at a
// moment, with some scopes, from an IP. Its text is the code that POST
// /api/v1/verify answers with.
type Decision string

// The decisions. Every one but DecisionValid is a refusal.
const (
	DecisionValid             Decision = "valid"
	DecisionMalformed         Decision = "malformed"          // not a key: wrong shape or checksum, or several at once
	DecisionNotFound          Decision = "not_found"          // well-formed, but no key of this workspace
	DecisionRevoked           Decision = "revoked"            // for good
	DecisionExpired           Decision = "expired"            // past its date
	DecisionOwnerInactive     Decision = "owner_inactive"     // the owner is deactivated or no longer a member
	DecisionDisabled          Decision = "disabled"           // the key or its whole workspace, until enabled again
	DecisionIPNotAllowed      Decision = "ip_not_allowed"     // used from outside of its networks
	DecisionInsufficientScope Decision = "insufficient_scope" // lacks a scope that is required
	DecisionRateLimited       Decision = "rate_limited"       // used more often than its rate allows
)

// Decisions lists the decisions about a key that exists: valid first, then the
// refusals in the order of [Decide].
var Decisions = [...]Decision{
	DecisionValid, DecisionRevoked, DecisionExpired, DecisionOwnerInactive, DecisionDisabled, DecisionIPNotAllowed,
	DecisionInsufficientScope, DecisionRateLimited,
}

// KeyStatus is what decides whether a key may be used.
type KeyStatus struct {
	Revoked     bool
	Disabled    bool      // the key, or its workspace
	ExpiresAt   time.Time // zero: never
	Ended       bool      // past its date, whatever the clock says
	OwnerActive bool
	OwnerRole   Role
	Limits      *Limits
}

// Attempt is one attempt to use a key.
type Attempt struct {
	Now    time.Time
	Scopes []string   // the key must have all of them
	IP     netip.Addr // of the client; the zero Addr when it is unknown
}

// Decide decides about an attempt to use a key, except for the key's rate
// limit. When several things are wrong it returns the one that is hardest to
// undo: the end of the key, then of its owner, then what can be switched back
// on, and last what another attempt might meet.
func Decide(s KeyStatus, a Attempt) Decision {
	switch {
	case s.Revoked:
		return DecisionRevoked
	case s.Ended || !s.ExpiresAt.IsZero() && !a.Now.Before(s.ExpiresAt):
		return DecisionExpired
	case !s.OwnerActive:
		return DecisionOwnerInactive
	case s.Disabled:
		return DecisionDisabled
	case !s.Limits.allowsFrom(a.IP):
		return DecisionIPNotAllowed
	}
	for _, scope := range a.Scopes {
		if !s.Limits.grants(scope, s.OwnerRole) {
			return DecisionInsufficientScope
		}
	}
	return DecisionValid
}
